use super::{Config, DEFAULT, Layers, Threads, keys};
use rolestream_dataflows::fixed::Micro;
use rolestream_dataflows::records::Settings;
use std::collections::BTreeSet;

fn with_file(text: &str) -> (tempfile::TempDir, Layers) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rolestream.toml"), text).unwrap();
    let layers = Layers { folder: folder.path().to_owned(), ..Layers::default() };
    (folder, layers)
}

fn variable(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn the_default_file_says_what_the_types_default_to() {
    let config = Config::load(&Layers::default()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config, Config::default());
    assert_eq!(config.settings(), Settings::default());
    let file: toml::Table = toml::from_str(DEFAULT).unwrap();
    let types = toml::Table::try_from(Config::default()).unwrap();
    assert_eq!(file, types, "no key is missing on either side");
}

#[test]
fn every_key_is_documented_and_has_a_rule() {
    let mut section = String::new();
    let mut previous = "";
    let mut seen = BTreeSet::new();
    for line in DEFAULT.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
            assert!(keys::SECTIONS.contains(&&*section), "{section}");
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            assert!(previous.starts_with("# "), "{section}.{key} has no comment");
            seen.insert(format!("{section}.{key}"));
        }
        previous = line;
    }
    assert_eq!(seen, keys::KEYS.iter().map(|(path, _)| (*path).to_owned()).collect());
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_the_default() {
    let (_folder, mut layers) = with_file("[engine]\nworkers = 1\nepoch_millis = 20\nmax_epochs_ahead = 30\n");
    layers.environment = vec![
        variable("ROLESTREAM__ENGINE__EPOCH_MILLIS", "21"),
        variable("ROLESTREAM__ENGINE__MAX_EPOCHS_AHEAD", "31"),
        variable("ROLESTREAM_DATA", "/elsewhere"),
    ];
    layers.flags = vec!["engine.max_epochs_ahead=32".to_owned()];
    let config = Config::load(&layers).unwrap();
    assert_eq!(config.engine.workers, Threads::Count(1));
    assert_eq!((config.engine.epoch_millis, config.engine.max_epochs_ahead), (21, 32));
    assert_eq!(config.output.top, 5);
    let origin = |key: &str| config.origin(key).unwrap().to_string();
    assert!(origin("engine.workers").ends_with("rolestream.toml:2"));
    assert_eq!(origin("engine.epoch_millis"), "environment ROLESTREAM__ENGINE__EPOCH_MILLIS");
    assert_eq!(origin("engine.max_epochs_ahead"), "flag --set");
    assert!(origin("output.top").starts_with("default:"));
}

#[test]
fn the_file_named_by_the_flag_wins_over_the_one_named_by_the_environment() {
    let (folder, mut layers) = with_file("[output]\ntop = 1\n");
    for (name, top) in [("a.toml", 2), ("b.toml", 3)] {
        std::fs::write(folder.path().join(name), format!("output.top = {top}\n")).unwrap();
    }
    assert_eq!(Config::load(&layers).unwrap().output.top, 1);
    layers.environment.push(variable("ROLESTREAM_CONFIG", folder.path().join("a.toml").to_str().unwrap()));
    assert_eq!(Config::load(&layers).unwrap().output.top, 2);
    layers.file = Some(folder.path().join("b.toml"));
    assert_eq!(Config::load(&layers).unwrap().output.top, 3);
    layers.file = Some(folder.path().join("missing.toml"));
    let said = Config::load(&layers).unwrap_err().to_string();
    assert!(said.contains("missing.toml") && said.contains("--config"), "{said}");
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_a_remedy() {
    for (text, parts) in [
        (
            "[engine]\n\nworker = 2\n",
            ["rolestream.toml:3: unknown key \"worker\" in [engine]", "did you mean \"workers\"?"],
        ),
        ("[engin]\nworkers = 2\n", ["rolestream.toml:2: unknown section \"engin\"", "did you mean \"engine\"?"]),
        ("[engine]\ntop = 2\n", ["unknown key \"top\" in [engine]", "did you mean output.top?"]),
        (
            "[decision]\nkra_min = 40\n",
            ["rolestream.toml:2: decision.kra_min is 40", "expected: a decimal from 0 to 1"],
        ),
        ("[decision]\nkra_min = nan\n", ["decision.kra_min is nan", "the default is kra_min = 0.40"]),
        ("[engine]\nworkers = \"all\"\n", ["engine.workers is \"all\"", "or \"auto\""]),
        ("[engine]\nepoch_millis = 0\n", ["engine.epoch_millis is 0", "from 1 to 60000"]),
        ("[output]\ncolour = \"alwys\"\n", ["output.colour is \"alwys\"", "did you mean \"always\"?"]),
        ("[admission]\naccepted_archetypes = [1]\n", ["admission.accepted_archetypes is [1]", "a list of texts"]),
        ("engine = 2\n", ["rolestream.toml:1: unknown key \"\" in [engine]", "the keys there are workers"]),
        ("[engine\n", ["rolestream.toml:1: this is not TOML", "the line reads: [engine"]),
        ("parser = 2\n", ["in [parser]", "is a section"]),
    ] {
        let (_folder, layers) = with_file(text);
        let errors = Config::load(&layers).unwrap_err();
        assert_eq!(errors.0.len(), 1, "{errors}");
        let said = errors.to_string();
        for part in parts {
            assert!(said.contains(part), "{said}\nlacks: {part}");
        }
    }
}

#[test]
fn all_layers_are_checked_at_once() {
    let (_folder, mut layers) = with_file("[log]\nlevel = \"loud\"\n");
    layers.environment = vec![variable("ROLESTREAM__LOG__FORMT", "json"), variable("ROLESTREAM__LOG", "x")];
    layers.flags = vec!["workers=2".to_owned(), "engine.workers=0".to_owned()];
    let errors = Config::load(&layers).unwrap_err();
    assert_eq!(errors.0.len(), 5, "{errors}");
    assert!(errors.0.iter().all(|error| error.detail.is_some() && error.hint.is_some() && error.source.is_some()));
}

#[test]
fn texts_need_no_quotes_outside_files() {
    let flags = [
        "taxonomy.path=12",
        "output.colour=never",
        "admission.accepted_archetypes=Data, Security",
        "decision.kra_min=1",
    ];
    let layers = Layers { flags: flags.map(str::to_owned).to_vec(), ..Layers::default() };
    let config = Config::load(&layers).unwrap();
    assert_eq!(config.taxonomy.path.to_str(), Some("12"));
    assert_eq!(config.admission.accepted_archetypes, ["Data", "Security"]);
    assert_eq!(config.settings().kra_min, Micro::ONE);
}

#[test]
fn the_parsers_keys_pass_through_and_merge_one_by_one() {
    let (_folder, mut layers) = with_file("[parser]\nlimit = 3\n[parser.weights]\nrequired = 1.0\npreferred = 0.3\n");
    layers.environment = vec![variable("ROLESTREAM__PARSER__WEIGHTS__REQUIRED", "0.9")];
    let config = Config::load(&layers).unwrap();
    let expected: toml::Table = toml::from_str("limit = 3\nweights = { required = 0.9, preferred = 0.3 }").unwrap();
    assert_eq!(config.parser, expected);
}

#[test]
fn options_of_librdkafka_stay_texts_in_the_environment() {
    let (_folder, mut layers) = with_file("[librdkafka]\nlinger.ms = 5\n");
    layers.environment = vec![variable("ROLESTREAM__LIBRDKAFKA__SASL__PASSWORD", "1e5")];
    let config = Config::load(&layers).unwrap();
    let expected: toml::Table = toml::from_str("linger = { ms = 5 }\nsasl = { password = \"1e5\" }").unwrap();
    assert_eq!(config.librdkafka, expected);
}

#[test]
fn a_taxonomys_thresholds_replace_defaults_only() {
    let (_folder, layers) = with_file("[decision]\nkra_min = 0.5\n");
    let mut config = Config::load(&layers).unwrap();
    let calibration: toml::Table = toml::from_str("calibration = \"tech\"\nkra_min = 0.3\nnew_kra = 0.35\n").unwrap();
    config.calibrate(&calibration, "taxonomy.toml").unwrap();
    assert_eq!((config.decision.kra_min, config.decision.new_kra), (0.5, 0.35));
    assert_eq!(config.decision.calibration, "tech");
    assert_eq!(config.origin("decision.new_kra").unwrap().to_string(), "taxonomy.toml");
    let wrong: toml::Table = toml::from_str("kra_mim = 0.3\n").unwrap();
    let said = config.calibrate(&wrong, "taxonomy.toml").unwrap_err().to_string();
    assert!(said.contains("taxonomy.toml: unknown key \"kra_mim\"") && said.contains("\"kra_min\""), "{said}");
}

#[test]
fn the_effective_configuration_is_toml_and_tells_where_values_come_from() {
    let (_folder, mut layers) = with_file("[parser]\nlimit = 3\n");
    layers.flags = vec!["output.top=7".to_owned()];
    let config = Config::load(&layers).unwrap();
    let printed = config.effective_toml();
    let line = printed.lines().find(|line| line.starts_with("top = ")).unwrap();
    assert!(line.starts_with("top = 7 ") && line.ends_with("# flag --set"), "{line}");
    let (_folder, again) = with_file(&printed);
    assert_eq!(Config::load(&again).unwrap(), config);
}
