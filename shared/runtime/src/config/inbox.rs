use mysms_core::domain::Username;

use super::Env;
use super::variables::DEFAULT_INBOX_USER;

/// What becomes of texts that would belong to nobody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InboxConfig {
    /// Who gets them. Nobody does if it is not set, or names nobody.
    pub default_user: Option<Username>,
}

impl InboxConfig {
    /// Whether there is such a user only the store can tell.
    pub fn read(env: &mut Env) -> Self {
        let parse = |text: &str| Username::parse(text).ok();
        Self {
            default_user: env.optional_parsed(DEFAULT_INBOX_USER, "the name of a user", parse),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_a_user_or_nobody() {
        let read = |value: Option<&'static str>| {
            let mut env = Env::from_lookup(move |name| {
                let value = value.filter(|_| name == DEFAULT_INBOX_USER.name);
                value.map(str::to_owned)
            });
            let config = InboxConfig::read(&mut env);
            env.finish(Some(config))
        };
        assert_eq!(read(None).unwrap(), InboxConfig::default());
        let config = read(Some("Front_Desk")).unwrap();
        assert_eq!(config.default_user.unwrap().as_str(), "Front_Desk");
        assert!(read(Some("front desk")).is_err());
    }
}
