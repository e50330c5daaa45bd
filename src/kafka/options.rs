//! Which options does librdkafka get? Ours, what the configuration adds, and what must be so.

use crate::error::Error;
use rdkafka::ClientConfig;
use rdkafka::config::{FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::error::KafkaError;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// Options that the program sets, and what to write instead.
const OURS: &[(&str, &str)] = &[
    ("bootstrap.servers", "name the brokers in kafka.brokers"),
    ("metadata.broker.list", "name the brokers in kafka.brokers"),
    ("group.id", "name the group in kafka.group"),
    ("auto.offset.reset", "say it in kafka.start_from and kafka.on_expired"),
    ("enable.auto.commit", "leave it out: offsets are kept in the store, and told to Kafka from there"),
    ("enable.auto.offset.store", "leave it out: offsets are kept in the store, and told to Kafka from there"),
    ("enable.partition.eof", "leave it out"),
    ("enable.idempotence", "leave it out: it is always on"),
    ("acks", "leave it out: all replicas in sync acknowledge"),
    ("request.required.acks", "leave it out: all replicas in sync acknowledge"),
    ("transactional.id", "leave it out: changelogs are upserts and need no transactions"),
];

/// The settings of a client: `defaults`, over them what `[librdkafka]` says, over that `fixed`.
///
/// Options that only the other kind of client has do no harm: librdkafka passes over them.
pub(crate) fn client(
    brokers: &str,
    options: &Table,
    defaults: &[(&str, &str)],
    fixed: &[(&str, &str)],
) -> Result<ClientConfig, Error> {
    if brokers.trim().is_empty() {
        return Err(Error::new("no Kafka brokers are named")
            .detail("kafka.brokers is empty")
            .hint("set kafka.brokers = \"host:9092\", or --set kafka.brokers=host:9092"));
    }
    let mut config = ClientConfig::new();
    // librdkafka's log goes where ours goes, at the level "debug": what matters is said in our own words.
    config.set_log_level(RDKafkaLogLevel::Info);
    for (option, value) in defaults {
        config.set(*option, *value);
    }
    let options = flat(options)?;
    let encrypted = |(option, value): (&String, &String)| {
        option == "security.protocol" && value.to_ascii_lowercase().contains("ssl")
    };
    if options.iter().any(encrypted) {
        // The OpenSSL that is built in knows no certificates: those of the system are looked for where systems have them.
        config.set("ssl.ca.location", "probe");
    }
    for (option, value) in options {
        if let Some((_, instead)) = OURS.iter().find(|(ours, _)| *ours == option) {
            return Err(Error::new(format!("the option \"{option}\" is the program's own"))
                .detail("[librdkafka] sets it, and the program depends on its value")
                .hint(*instead));
        }
        config.set(option, value);
    }
    for (option, value) in fixed {
        config.set(*option, *value);
    }
    config.set("bootstrap.servers", brokers);
    config.create_native_config().map_err(|error| unknown(&error))?;
    Ok(config)
}

/// A client with these settings.
pub(crate) fn create<C, T>(config: &ClientConfig, context: C) -> Result<T, Error>
where
    C: rdkafka::ClientContext,
    T: FromClientConfigAndContext<C>,
{
    config.create_with_context(context).map_err(|error| unknown(&error))
}

fn unknown(error: &KafkaError) -> Error {
    let said = match error {
        KafkaError::ClientConfig(_, said, _, _) | KafkaError::ClientCreation(said) => said.clone(),
        other => other.to_string(),
    };
    Error::new("librdkafka does not take its options")
        .detail(said)
        .hint("[librdkafka] takes the options that librdkafka's CONFIGURATION.md lists, by their names there")
}

/// Tables in tables become names with dots: `[librdkafka.sasl] username = "u"` is `sasl.username`.
fn flat(options: &Table) -> Result<BTreeMap<String, String>, Error> {
    let mut all = BTreeMap::new();
    collect("", options, &mut all)?;
    Ok(all)
}

fn collect(prefix: &str, table: &Table, all: &mut BTreeMap<String, String>) -> Result<(), Error> {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        let text = match value {
            Value::Table(inside) => {
                collect(&name, inside, all)?;
                continue;
            }
            Value::String(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Boolean(yes) => yes.to_string(),
            Value::Array(_) | Value::Datetime(_) => {
                return Err(Error::new(format!("the option \"{name}\" of librdkafka is no text"))
                    .detail(format!("it is of type {}", value.type_str()))
                    .hint("write it as librdkafka does, in quotes: a list is \"a,b\""));
            }
        };
        all.insert(name, text);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn nested_tables_and_dotted_names_are_the_same_option() {
        let nested =
            flat(&table("linger.ms = 5\nsasl = { username = \"u\" }\n\"socket.keepalive.enable\" = true")).unwrap();
        let dotted =
            flat(&table("\"linger.ms\" = \"5\"\n\"sasl.username\" = \"u\"\nsocket.keepalive.enable = \"true\""))
                .unwrap();
        assert_eq!(nested, dotted);
        assert_eq!(nested["sasl.username"], "u");
        assert_eq!(nested.len(), 3);
    }

    #[test]
    fn what_the_configuration_says_wins_over_defaults_and_gives_way_to_what_must_be() {
        let options = table("linger.ms = 9\nsocket.timeout.ms = 1000");
        let config = client("h:1", &options, &[("linger.ms", "5")], &[("socket.timeout.ms", "2000")]).unwrap();
        assert_eq!((config.get("linger.ms"), config.get("socket.timeout.ms")), (Some("9"), Some("2000")));
        assert_eq!(config.get("bootstrap.servers"), Some("h:1"));
    }

    #[test]
    fn what_cannot_be_is_said_at_once_with_what_to_write_instead() {
        for (options, said, remedy) in [
            ("enable.auto.commit = true", "program's own", "store"),
            ("group.id = \"x\"", "program's own", "kafka.group"),
            ("no.such.option = 1", "does not take", "CONFIGURATION.md"),
            ("linger.ms = \"soon\"", "does not take", "CONFIGURATION.md"),
            ("\"sasl.mechanisms\" = [\"PLAIN\"]", "no text", "quotes"),
        ] {
            let error = client("h:1", &table(options), &[], &[]).unwrap_err();
            assert!(error.primary.contains(said), "{error}");
            assert!(error.hint.as_deref().unwrap().contains(remedy), "{error}");
        }
        assert!(client(" ", &Table::new(), &[], &[]).unwrap_err().primary.contains("no Kafka brokers"));
    }
}
