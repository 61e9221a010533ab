//! The migrations in the order in which they are applied.
//!
//! One that was released is never changed; what has to change is done by a new one. Each does
//! nothing when it finds its work done, and does it while the messenger is running.

mod consents;
mod indexes;
mod initial;
mod lines;
mod numbers;
mod positions;
mod receivers;
mod told;

use futures_util::future::BoxFuture;
use mongodb::Database;
use mongodb::error::Result;

use self::initial::make_collection;

/// The major version that this program can live with: the one of its last migration.
pub(crate) const MAJOR: i32 = 5;

/// A step from one schema to the next.
pub(crate) struct Migration {
    /// Counted from 1, without gaps.
    pub(crate) id: i32,
    /// Programs that know only an earlier major version must not use the database afterwards.
    pub(crate) major: i32,
    pub(crate) name: &'static str,
    pub(crate) apply: fn(&Database) -> BoxFuture<'_, Result<()>>,
}

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        id: 1,
        major: 1,
        name: "make the collections of users and messages with their indexes",
        apply: |database| Box::pin(initial::apply(database)),
    },
    Migration {
        id: 2,
        major: 1,
        name: "index the messages to and from one number",
        apply: |database| Box::pin(indexes::conversations(database)),
    },
    Migration {
        id: 3,
        major: 1,
        name: "let tokens end early, accounts be closed and segments be counted",
        apply: |database| Box::pin(indexes::accounts(database)),
    },
    Migration {
        id: 4,
        major: 1,
        name: "index the messages of a user by their latest change",
        apply: |database| Box::pin(indexes::changes(database)),
    },
    Migration {
        id: 5,
        major: 1,
        name: "index who wrote to whom, and what was not read",
        apply: |database| Box::pin(indexes::receiving(database)),
    },
    Migration {
        id: 6,
        major: 1,
        name: "remember who wants no texts",
        apply: |database| Box::pin(indexes::opt_outs(database)),
    },
    Migration {
        id: 7,
        major: 1,
        name: "give a Mexican subscriber one number",
        apply: |database| Box::pin(numbers::shorten(database, numbers::MEXICAN)),
    },
    Migration {
        id: 8,
        major: 1,
        name: "let an invite make one user",
        apply: |database| Box::pin(indexes::invites(database)),
    },
    Migration {
        id: 9,
        major: 1,
        name: "remember the sessions of users",
        apply: |database| Box::pin(indexes::sessions(database)),
    },
    Migration {
        id: 10,
        major: 1,
        name: "remember what operators did",
        apply: |database| Box::pin(make_collection(database, "acts")),
    },
    Migration {
        id: 11,
        major: 1,
        name: "index what the provider took for a number",
        apply: |database| Box::pin(indexes::taken(database)),
    },
    // Programs before this one change messages by statements that do not look at the version, so they may
    // not run beside those that decide by it.
    Migration {
        id: 12,
        major: 2,
        name: "let messages be changed by their version alone",
        apply: |_| Box::pin(async { Ok(()) }),
    },
    // Programs before this one send every text from the one sender that they know, and at once.
    Migration {
        id: 13,
        major: 3,
        name: "let texts leave several senders, each at its rate",
        apply: |database| Box::pin(lines::apply(database)),
    },
    Migration {
        id: 14,
        major: 3,
        name: "index the references and tags of messages",
        apply: |database| Box::pin(indexes::labels(database)),
    },
    Migration {
        id: 15,
        major: 3,
        name: "let users give keys to their programs",
        apply: |database| Box::pin(indexes::keys(database)),
    },
    Migration {
        id: 16,
        major: 3,
        name: "remember what endpoints were told",
        apply: |database| Box::pin(told::apply(database)),
    },
    Migration {
        id: 17,
        major: 3,
        name: "give an Argentinian subscriber one number, and what belongs to nobody to users",
        apply: |database| Box::pin(receivers::apply(database)),
    },
    // Programs before this one ignore who wants texts from none of our senders, and send words without the
    // files that go with them.
    Migration {
        id: 18,
        major: 4,
        name: "keep for ever what people said about texts",
        apply: |database| Box::pin(consents::apply(database)),
    },
    Migration {
        id: 19,
        major: 4,
        name: "index what the provider is to erase, and what was tried",
        apply: |database| Box::pin(indexes::erasing(database)),
    },
    Migration {
        id: 20,
        major: 4,
        name: "keep the files that users bring",
        apply: |database| Box::pin(indexes::uploads(database)),
    },
    // What programs before this one store, and let go out, has no place in the order of conversations.
    Migration {
        id: 21,
        major: 5,
        name: "let texts stand where they went out",
        apply: |database| Box::pin(positions::apply(database)),
    },
    Migration {
        id: 22,
        major: 5,
        name: "index what is queued by its user",
        apply: |database| Box::pin(indexes::waiting(database)),
    },
];
