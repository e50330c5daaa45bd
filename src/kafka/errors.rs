//! Can an error of Kafka pass, and what is to be done about it?

use crate::error::Error;
use rdkafka::error::RDKafkaErrorCode as Code;

/// Whether what went wrong may go right by itself.
pub(crate) trait Passing {
    /// It may: brokers come back, leaders are elected. What is not known is thought to pass: it is tried again, and said.
    fn passes(&self) -> bool;
}

impl Passing for Code {
    fn passes(&self) -> bool {
        remedy(*self).is_none()
    }
}

/// What to do about an error that stays; `None` where it may pass.
fn remedy(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::Authentication
        | Code::SaslAuthenticationFailed
        | Code::UnsupportedSASLMechanism
        | Code::IllegalSASLState => {
            "check \"security.protocol\", \"sasl.mechanisms\", \"sasl.username\" and \"sasl.password\" in [librdkafka]"
        }
        Code::TopicAuthorizationFailed => "give this user the right to read or write the topic, or name another topic",
        Code::ClusterAuthorizationFailed => "give this user the right IdempotentWrite, or Write on the topics",
        Code::MessageSizeTooLarge | Code::InvalidMessageSize | Code::MessageBatchTooLarge => {
            "raise \"message.max.bytes\" in [librdkafka] and max.message.bytes of the topic"
        }
        Code::InvalidTopic => "a topic's name has letters, digits, '.', '_' and '-', and at most 249 of them",
        Code::InvalidRecord => "the broker refuses the record: look at its log, and whether the topic may be compacted",
        Code::PolicyViolation => "ask who runs the brokers: a policy of theirs forbids it",
        Code::UnsupportedFeature | Code::UnsupportedVersion => "Kafka 0.11 or newer is needed",
        Code::InvalidArgument | Code::InvalidConfig => {
            "look at the options in [librdkafka] that differ from the defaults"
        }
        _ => return None,
    })
}

/// An error that stays: `what` failed, and librdkafka said so.
pub(crate) fn refused(what: impl Into<String>, code: Code, said: &str) -> Error {
    let detail = if said.is_empty() { code.to_string() } else { said.to_owned() };
    Error::new(what).detail(detail).hint(remedy(code).unwrap_or("look at the log of the brokers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_that_are_away_pass_and_a_wrong_password_does_not() {
        for passing in [Code::AllBrokersDown, Code::BrokerTransportFailure, Code::LeaderNotAvailable, Code::Resolve] {
            assert!(passing.passes(), "{passing}");
        }
        for staying in [Code::Authentication, Code::TopicAuthorizationFailed, Code::MessageSizeTooLarge] {
            assert!(!staying.passes(), "{staying}");
        }
        let error = refused("cannot read", Code::Authentication, "SASL PLAIN: wrong password");
        assert_eq!(error.detail.as_deref(), Some("SASL PLAIN: wrong password"));
        assert!(error.hint.unwrap().contains("sasl.password"));
    }
}
