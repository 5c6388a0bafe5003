//! Circles, groups, and who follows.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use kith_node::view::Colour;

use super::As;

/// A circle or group.
#[derive(Debug, Args)]
pub(crate) struct Named {
    /// Its name
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) by: As,
}

/// A circle or group, and somebody.
#[derive(Debug, Args)]
pub(crate) struct Membership {
    /// Its name
    pub(crate) name: String,
    #[arg(value_name = "PERSONA")]
    pub(crate) member: String,
    #[command(flatten)]
    pub(crate) by: As,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Circle {
    /// Make a circle, without members
    Create(Named),
    /// Let somebody read what you post to it from now on
    Add(Membership),
    /// Take somebody out: what you posted to it until now stays readable there
    Remove(Membership),
    /// Give a circle another name: its members see it
    Rename {
        name: String,
        #[arg(value_name = "NEW_NAME")]
        to: String,
        #[command(flatten)]
        by: As,
    },
    /// Give a circle, or a group that you are in, another colour, on this device
    Colour {
        name: String,
        #[arg(value_parser = colours())]
        colour: Colour,
        #[command(flatten)]
        by: As,
    },
    /// End a circle: what you posted to it stays readable to those who were in it
    Delete(Named),
    /// Your circles and who is in them
    List(As),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// Make a group and invite people to it
    Create {
        name: String,
        #[arg(value_name = "PERSONA")]
        personas: Vec<String>,
        #[command(flatten)]
        by: As,
    },
    /// Invite somebody, as who made the group or an admin of it
    Add(Membership),
    /// Take somebody out: what was posted until now stays readable there
    Remove(Membership),
    /// Let a member invite people and take them out too, in a group that you made
    Admin {
        #[command(flatten)]
        who: Membership,
        /// A plain member again
        #[arg(long)]
        undo: bool,
    },
    /// Accept an invitation: you read each other from now on, and your node carries all members
    Join(Named),
    /// Leave a group, or decline an invitation: its members are told
    Leave(Named),
    /// End a group that you made: everybody in it is told, and what was posted stays readable to them
    Close(Named),
    /// Circles, groups and invitations, as kith circle list
    List(As),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Followers {
    /// Do not show somebody as a follower any more
    Drop {
        #[arg(value_name = "PERSONA")]
        who: String,
    },
}

fn colours() -> impl TypedValueParser<Value = Colour> {
    PossibleValuesParser::new(Colour::ALL.map(Colour::name))
        .try_map(|name| Colour::parse(&name).ok_or("no such colour"))
}
