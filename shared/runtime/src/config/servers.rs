use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Env;
use super::variables::{AMQP_QUEUE, AMQP_URL, MONGO_URI};

/// Where the MongoDB ledger is.
#[derive(Clone)]
pub struct MongoConfig {
    /// The whole connection string, which may hold a password.
    pub uri: SecretString,
    /// The path of `uri`.
    pub database: String,
}

impl MongoConfig {
    pub fn read(env: &mut Env) -> Option<Self> {
        let uri = env.secret(MONGO_URI)?;
        match database_of(uri.expose_secret()) {
            Ok(database) => Some(Self { uri, database }),
            Err(wrong) => {
                env.refuse(MONGO_URI, wrong);
                None
            }
        }
    }
}

// The connection string may list several hosts, so it is no URL that a URL parser would take.
fn database_of(uri: &str) -> Result<String, &'static str> {
    let rest = uri
        .strip_prefix("mongodb://")
        .or_else(|| uri.strip_prefix("mongodb+srv://"))
        .ok_or("must begin with mongodb:// or mongodb+srv://")?;
    let before_options = rest.split('?').next().unwrap_or(rest);
    let (hosts, database) = before_options
        .split_once('/')
        .unwrap_or((before_options, ""));
    if hosts.is_empty() {
        return Err("names no host");
    }
    if database.is_empty() {
        return Err("must name the database in its path");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if database.len() > 63 || !database.bytes().all(plain) {
        return Err("must name a database of at most 63 letters, digits, dashes and underscores");
    }
    Ok(database.to_owned())
}

/// Where the RabbitMQ queue is.
#[derive(Clone)]
pub struct AmqpConfig {
    /// May hold a password.
    pub url: SecretString,
    /// The queue's name without its version.
    pub queue: String,
}

impl AmqpConfig {
    pub fn read(env: &mut Env) -> Option<Self> {
        let url = env.parsed(AMQP_URL, "an amqp:// or amqps:// URL", |text| {
            is_amqp(text).then(|| SecretString::from(text))
        });
        let queue = env.parsed(
            AMQP_QUEUE,
            "at most 200 letters, digits, dots, dashes and underscores, not beginning with amq.",
            |text| is_queue_name(text).then(|| text.to_owned()),
        );
        Some(Self {
            url: url?,
            queue: queue?,
        })
    }
}

fn is_amqp(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "amqp" | "amqps")
            && url.host_str().is_some_and(|host| !host.is_empty())
    })
}

fn is_queue_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    text.len() <= 200 && text.bytes().all(plain) && !text.starts_with("amq.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{accepted, refused};

    #[test]
    fn the_path_of_the_uri_names_the_database() {
        let cases = [
            ("mongodb://localhost/mysms", "mysms"),
            (
                "mongodb://u:p%40ss@a:27017,b:27017,c/my-sms_1?replicaSet=rs0",
                "my-sms_1",
            ),
            ("mongodb+srv://u:p@cluster.example.com/mysms?a=b/c", "mysms"),
        ];
        for (uri, database) in cases {
            let mongo = accepted(&[("MONGO_URI", uri)], MongoConfig::read);
            assert_eq!(mongo.database, database, "{uri}");
            assert_eq!(mongo.uri.expose_secret(), uri);
        }
    }

    #[test]
    fn a_uri_without_a_database_is_refused() {
        let path = "must name the database in its path";
        let name = "must name a database of at most 63 letters, digits, dashes and underscores";
        let cases = [
            (
                "localhost/mysms",
                "must begin with mongodb:// or mongodb+srv://",
            ),
            ("mongodb:///mysms", "names no host"),
            ("mongodb://localhost", path),
            ("mongodb://localhost/?replicaSet=rs0", path),
            ("mongodb://localhost?x=/mysms", path),
            ("mongodb://localhost/my.sms", name),
            ("mongodb://localhost/a/b", name),
        ];
        for (uri, wrong) in cases {
            let problems = refused(&[("MONGO_URI", uri)], MongoConfig::read);
            assert_eq!(problems, [format!("MONGO_URI {wrong}")], "{uri}");
        }
        refused(&[], MongoConfig::read);
    }

    #[test]
    fn the_queue_has_a_default_and_the_broker_none() {
        let url = "amqp://user:password@rabbitmq:5672/%2f";
        let amqp = accepted(&[("AMQP_URL", url)], AmqpConfig::read);
        assert_eq!(
            (amqp.url.expose_secret(), amqp.queue.as_str()),
            (url, "mysms.send")
        );
        assert_eq!(refused(&[], AmqpConfig::read), ["AMQP_URL must be set"]);
    }

    #[test]
    fn a_url_or_queue_that_no_broker_takes_is_refused() {
        for url in [
            "rabbitmq:5672",
            "http://rabbitmq",
            "amqp://",
            "amqp:rabbitmq",
        ] {
            refused(&[("AMQP_URL", url)], AmqpConfig::read);
        }
        for queue in ["amq.send", "my sms", &"q".repeat(201)] {
            let pairs = [("AMQP_URL", "amqps://rabbitmq"), ("AMQP_QUEUE", queue)];
            assert_eq!(refused(&pairs, AmqpConfig::read).len(), 1, "{queue}");
        }
    }
}
