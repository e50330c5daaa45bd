use super::import;
use crate::taxonomy::Taxonomy;
use std::path::Path;

/// The files' form with rows made up for this test.
fn fixture() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        (
            "Occupation Data.txt",
            "O*NET-SOC Code\tTitle\tDescription\n90-1000.00\tDragon Keepers\tFeed.\n15-2000.01\tMap Painters\tPaint.\r\n",
        ),
        (
            "Alternate Titles.txt",
            "O*NET-SOC Code\tTitle\tAlternate Title\tShort Title\tSource(s)\n\
             90-1000.00\tDragon Keepers\tChief Dragon Keeper (CDK)\tCDK\t01\n90-1000.00\tDragon Keepers\tWarden\t\t01\n",
        ),
        (
            "Sample of Reported Titles.txt",
            "O*NET-SOC Code\tTitle\tReported Job Title\tShown in My Next Move\n90-1000.00\tDragon Keepers\tWARDEN\tY\n",
        ),
        (
            "Task Statements.txt",
            "O*NET-SOC Code\tTitle\tTask ID\tTask\tTask Type\n90-1000.00\tDragon Keepers\t17\tFeed \"all\" dragons at dawn.\tCore\n",
        ),
        (
            "Technology Skills.txt",
            "O*NET-SOC Code\tTitle\tExample\tCommodity Code\tCommodity Title\tHot Technology\tIn Demand\n\
             90-1000.00\tDragon Keepers\tFire++\t1\tFire software\tN\tN\n\
             15-2000.01\tMap Painters\tFire++\t2\tBrush software\tN\tN\n\
             15-2000.01\tMap Painters\tInker\t2\tBrush software\tN\tN\n",
        ),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn the_five_files_become_a_taxonomy() {
    let taxonomy = import(fixture().path()).unwrap();
    assert_eq!(taxonomy.roles.keys().collect::<Vec<_>>(), ["dragon-keepers", "map-painters"]);
    let painter = taxonomy.roles.get("map-painters").unwrap();
    assert_eq!((painter.number, &*painter.archetype), (15_200_001, "Computer and Mathematical"));
    let aliases: Vec<&str> = taxonomy.aliases.iter().map(|alias| &*alias.text).collect();
    assert_eq!(aliases, ["Chief Dragon Keeper", "CDK", "Warden"]);
    assert_eq!(taxonomy.kras.get("dragon-keepers/17").unwrap().sentence, "Feed \"all\" dragons at dawn.");
    assert_eq!(taxonomy.dimensions.keys().collect::<Vec<_>>(), ["fire-software", "brush-software"]);
    let home = taxonomy.skills.get("fire-plus-plus").unwrap().dimension.as_deref();
    assert_eq!(home, Some("brush-software"), "once in each: the first by slug");
    let remarks: Vec<&str> = taxonomy.remarks.iter().map(|lint| lint.rule).collect();
    assert_eq!(remarks, ["several-homes"]);
    assert!(taxonomy.role_skills.contains("map-painters\ninker"));
    assert!(taxonomy.role_dimensions.contains("dragon-keepers\nfire-software"));
}

#[test]
fn it_saves_as_a_folder_and_loads_equal() {
    let taxonomy = import(fixture().path()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    taxonomy.save(folder.path()).unwrap();
    assert_eq!(Taxonomy::load(folder.path()).unwrap(), taxonomy);
}

#[test]
fn what_is_missing_is_named() {
    let folder = fixture();
    let tasks = folder.path().join("Task Statements.txt");
    std::fs::write(&tasks, "Code\tTask\nx\ty\n").unwrap();
    let said = import(folder.path()).unwrap_err().to_string();
    assert!(said.contains("Task Statements.txt:1: there is no column \"O*NET-SOC Code\""), "{said}");
    std::fs::write(&tasks, "O*NET-SOC Code\tTask ID\tTask\n90-1000.00\t1\n").unwrap();
    assert!(import(folder.path()).unwrap_err().to_string().contains("Task Statements.txt:2: this line is cut short"));
    std::fs::write(&tasks, "O*NET-SOC Code\tTask ID\tTask\n99-9999.00\t1\tx\n").unwrap();
    assert!(import(folder.path()).unwrap_err().to_string().contains("there is no occupation 99-9999.00"));
    std::fs::remove_file(&tasks).unwrap();
    let said = import(folder.path()).unwrap_err().to_string();
    for file in [super::OCCUPATIONS, super::ALTERNATE, super::REPORTED, super::TASKS, super::TECHNOLOGIES] {
        assert!(said.contains(file), "{said}");
    }
}

#[test]
fn the_real_database_has_its_true_counts() {
    let Some(data) = std::env::var_os("ROLESTREAM_DATA") else {
        eprintln!("skipped: ROLESTREAM_DATA does not name the folder that holds onet/");
        return;
    };
    let taxonomy = import(&Path::new(&data).join("onet")).unwrap();
    assert_eq!((taxonomy.roles.len(), taxonomy.kras.len(), taxonomy.dimensions.len()), (1_016, 18_796, 135));
    assert_eq!((taxonomy.skills.len(), taxonomy.role_skills.len() > 32_000), (8_775, true));
    assert!(taxonomy.aliases.len() > 56_000, "{}", taxonomy.aliases.len());
    let folder = tempfile::tempdir().unwrap();
    taxonomy.save(folder.path()).unwrap();
    assert_eq!(Taxonomy::load(folder.path()).unwrap(), taxonomy);
}
