//! Which topics are read, and what are their messages about?

use crate::config::Kafka;
use crate::error::Error;
use crate::sources::Kind;
use std::collections::BTreeMap;

/// The topics of the configuration: names, and beginnings of names.
#[derive(Clone, Debug, Default)]
pub(super) struct Topics {
    named: BTreeMap<String, Kind>,
    /// The longest first: of two that fit, that says more.
    beginnings: Vec<(String, Kind)>,
}

impl Topics {
    pub(super) fn new(config: &Kafka) -> Result<Topics, Error> {
        let mut topics = Topics::default();
        let lists = [(&config.raw, Kind::Raw), (&config.parsed, Kind::Parsed), (&config.taxonomy, Kind::Taxonomy)];
        for (list, kind) in lists {
            for topic in list {
                let before = match topic.strip_suffix('*') {
                    _ if topic.is_empty() => {
                        return Err(Error::new(format!("kafka.{} names a topic without a name", kind.name()))
                            .detail("one of its entries is empty")
                            .hint("remove it; \"jd.raw.*\" takes all topics that begin so"));
                    }
                    Some(beginning) => {
                        let before = topics.beginnings.iter().find(|(other, _)| other == beginning);
                        let before = before.map(|(_, kind)| *kind);
                        topics.beginnings.push((beginning.to_owned(), kind));
                        before
                    }
                    None => topics.named.insert(topic.clone(), kind),
                };
                if let Some(before) = before.filter(|before| *before != kind) {
                    return Err(Error::new(format!("the topic \"{topic}\" has messages of two kinds"))
                        .detail(format!("kafka.{} and kafka.{} name it", before.name(), kind.name()))
                        .hint("remove it from one of them"));
                }
            }
        }
        topics.beginnings.sort_by_key(|(beginning, _)| std::cmp::Reverse(beginning.len()));
        if topics.named.is_empty() && topics.beginnings.is_empty() {
            return Err(Error::new("no topic is to be read")
                .detail("kafka.raw, kafka.parsed and kafka.taxonomy are empty")
                .hint("name a topic in one of them, or leave kafka.brokers empty"));
        }
        Ok(topics)
    }

    /// What the messages of this topic are about, if it is read.
    pub(super) fn kind(&self, topic: &str) -> Option<Kind> {
        let fits = |(beginning, kind): &(String, Kind)| {
            // Kafka's own topics begin with two underscores: who means them says so.
            let own = topic.starts_with("__") && !beginning.starts_with("__");
            (!own && topic.starts_with(beginning.as_str())).then_some(*kind)
        };
        self.named.get(topic).copied().or_else(|| self.beginnings.iter().find_map(fits))
    }

    /// The topics that are named in full: these are waited for.
    pub(super) fn named(&self) -> impl Iterator<Item = &str> {
        self.named.keys().map(String::as_str)
    }

    /// Whether all topics there are must be looked at.
    pub(super) fn open(&self) -> bool {
        !self.beginnings.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(raw: &[&str], parsed: &[&str]) -> Result<Topics, Error> {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        Topics::new(&Kafka { raw: texts(raw), parsed: texts(parsed), taxonomy: Vec::new(), ..Kafka::default() })
    }

    #[test]
    fn a_name_goes_before_a_beginning_and_a_longer_one_before_a_shorter() {
        let topics = topics(&["jd.*", "jd.done"], &["jd.parsed.*", "exact"]).unwrap();
        for (topic, kind) in [
            ("jd.raw", Some(Kind::Raw)),
            ("jd.parsed.eu", Some(Kind::Parsed)),
            ("jd.done", Some(Kind::Raw)),
            ("exact", Some(Kind::Parsed)),
            ("exactly", None),
            ("JD.raw", None),
        ] {
            assert_eq!(topics.kind(topic), kind, "{topic}");
        }
        assert_eq!(topics.named().collect::<Vec<_>>(), ["exact", "jd.done"]);
    }

    #[test]
    fn kafkas_own_topics_are_read_only_by_their_names() {
        let all = topics(&["*"], &[]).unwrap();
        assert_eq!((all.kind("__consumer_offsets"), all.kind("x")), (None, Some(Kind::Raw)));
        assert_eq!(topics(&["__c*"], &[]).unwrap().kind("__consumer_offsets"), Some(Kind::Raw));
    }

    #[test]
    fn a_topic_of_two_kinds_and_no_topic_at_all_are_errors() {
        assert!(topics(&["a"], &["a"]).unwrap_err().detail.unwrap().contains("kafka.raw and kafka.parsed"));
        assert!(topics(&["a*"], &["a*"]).is_err());
        assert!(topics(&["a", "a"], &["a*"]).is_ok());
        assert!(topics(&[""], &[]).unwrap_err().primary.contains("without a name"));
        assert!(topics(&[], &[]).unwrap_err().primary.contains("no topic"));
    }
}
