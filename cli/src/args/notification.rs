//! What happened, and what one is told of.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use kith_node::view::{NotificationKind, Rule};

use super::{As, Switch};

#[derive(Debug, Args)]
pub(crate) struct Listed {
    /// How many, 1 to 1,000
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: u16,
    /// Only what is not read yet
    #[arg(long)]
    pub(crate) unread: bool,
    /// Only mentions, answers and quotes
    #[arg(long)]
    pub(crate) mentions: bool,
    #[command(flatten)]
    pub(crate) by: As,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Notifications {
    /// The same as without a word
    List(Listed),
    /// Mark one as read, or all: on your other devices too
    Read {
        /// One of the list
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        id: Option<String>,
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        by: As,
    },
    /// What you are told of, and when not; all your devices keep to it
    Rules {
        #[command(subcommand)]
        verb: Option<Rules>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Tell of a kind, or not
    Kind {
        #[arg(value_parser = kinds())]
        kind: NotificationKind,
        #[arg(value_enum, value_name = "on|off")]
        value: Switch,
    },
    /// What of somebody you are told
    Person {
        #[arg(value_name = "PERSONA")]
        whom: String,
        #[arg(value_parser = rules())]
        rule: Rule,
    },
    /// What of a private conversation you are told
    Conversation {
        id: String,
        #[arg(value_parser = rules())]
        rule: Rule,
    },
    /// Hours in which nothing is shown outside of Kith: 22:00 07:00, or off
    Quiet {
        #[arg(value_name = "FROM|off", value_parser = minutes)]
        from: Time,
        #[arg(value_parser = minutes)]
        to: Option<Time>,
        /// How far your clock is ahead of UTC, minutes
        #[arg(long, value_name = "MINUTES", default_value_t = 0, allow_negative_numbers = true)]
        offset: i16,
    },
}

/// Minutes since midnight, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    At(u16),
    Off,
}

fn minutes(text: &str) -> Result<Time, String> {
    if text == "off" {
        return Ok(Time::Off);
    }
    let told = || "give a time as 22:00".to_owned();
    let (hours, minutes) = text.split_once(':').ok_or_else(told)?;
    let (hours, minutes): (u16, u16) = (hours.parse().map_err(|_| told())?, minutes.parse().map_err(|_| told())?);
    if hours < 24 && minutes < 60 { Ok(Time::At(hours * 60 + minutes)) } else { Err(told()) }
}

fn kinds() -> impl TypedValueParser<Value = NotificationKind> {
    PossibleValuesParser::new(NotificationKind::ALL.map(NotificationKind::name))
        .map(|name| NotificationKind::parse(&name).unwrap_or(NotificationKind::Comment))
}

fn rules() -> impl TypedValueParser<Value = Rule> {
    PossibleValuesParser::new(Rule::ALL.map(Rule::name)).map(|name| Rule::parse(&name).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_a_day() {
        assert_eq!(minutes("22:00"), Ok(Time::At(1_320)));
        assert_eq!(minutes("0:05"), Ok(Time::At(5)));
        assert_eq!(minutes("off"), Ok(Time::Off));
        for bad in ["24:00", "1:60", "7", "", "-1:00", "a:b"] {
            assert!(minutes(bad).is_err(), "{bad}");
        }
    }
}
