//! What the provider's answer to a request to send means.

use mysms_core::provider::{NotSentReason, Verdict};

use super::answer::Answer;
use super::class::Class;
use super::error;

/// Reads the provider's answer: by its error code first, then by the HTTP status.
pub(super) fn verdict(answer: &Answer) -> Verdict {
    let status = answer.status;
    if status.is_success() {
        return accepted(answer);
    }
    if status.is_redirection() {
        return Verdict::Unknown {
            detail: "the provider's address redirected the request",
        };
    }
    match answer.code() {
        Some(code) => refused(answer, code),
        None if status.is_server_error() => Verdict::Unknown {
            detail: "the provider answered with a server error",
        },
        // Whoever wrote it, it need not be the provider: nothing says what became of the text.
        None => Verdict::Unknown {
            detail: "the answer was not one of the provider's own",
        },
    }
}

fn accepted(answer: &Answer) -> Verdict {
    let Some(message) = answer.message() else {
        return Verdict::Unknown {
            detail: "the provider answered without a message SID",
        };
    };
    Verdict::Accepted(message.into())
}

fn refused(answer: &Answer, code: String) -> Verdict {
    let detail = error::explain(&code);
    match error::rule(&code).map(|rule| rule.class) {
        Some(Class::Permanent | Class::ConfigMessage) => rejected(code, detail),
        Some(Class::Throttled { slow }) => Verdict::Throttled {
            code,
            retry_after: answer.retry_after,
            slow,
        },
        Some(Class::SpentToday) => Verdict::SpentToday { code, detail },
        Some(Class::Retry) => Verdict::NotSent {
            reason: NotSentReason::NotProcessed { code },
        },
        Some(Class::Config(scope)) => Verdict::Misconfigured {
            resume_after: error::rule(&code).and_then(|rule| rule.resume_after),
            code,
            scope,
            detail,
        },
        Some(Class::Ambiguous) => Verdict::Unknown { detail },
        Some(Class::Unrelated) | None if answer.status.is_client_error() => rejected(code, detail),
        Some(Class::Unrelated) | None => Verdict::Unknown {
            detail: "the provider answered with a server error",
        },
    }
}

fn rejected(code: String, detail: &'static str) -> Verdict {
    Verdict::Rejected {
        opted_out: error::is_opt_out(&code),
        code,
        detail,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use mysms_core::domain::{ProviderId, ProviderStatus};
    use mysms_core::provider::{RemoteMessage, Scope};

    const SID: &str = "SM0123456789abcdef0123456789abcdef";

    fn verdict(status: u16, body: &str) -> Verdict {
        super::verdict(&Answer::for_test(status, body))
    }

    fn refusal(status: u16, code: u32) -> Verdict {
        let body = format!(r#"{{"code":{code},"message":"+14155550123","status":{status}}}"#);
        verdict(status, &body)
    }

    fn is_unknown(verdict: &Verdict) -> bool {
        matches!(verdict, Verdict::Unknown { .. })
    }

    #[test]
    fn an_answer_with_a_sid_is_accepted_whatever_else_it_says() {
        let body = format!(r#"{{"sid":"{SID}","status":"queued","error_code":null}}"#);
        let accepted = Verdict::Accepted(RemoteMessage {
            sid: ProviderId::parse(SID).unwrap(),
            status: ProviderStatus::ACCEPTED,
            unknown_word: None,
            error_code: None,
        });
        assert_eq!(verdict(201, &body), accepted);
        assert_eq!(verdict(200, &body), accepted);
        let bare = format!(r#"{{"sid":"{SID}"}}"#);
        assert_eq!(verdict(201, &bare), accepted);
    }

    #[test]
    fn a_status_that_is_new_to_us_is_accepted_with_its_word() {
        let body = format!(r#"{{"sid":"{SID}","status":"pondering","error_code":30001}}"#);
        let Verdict::Accepted(message) = verdict(201, &body) else {
            panic!("not accepted");
        };
        assert_eq!(message.status, ProviderStatus::ACCEPTED);
        assert_eq!(message.unknown_word.as_deref(), Some("pondering"));
        assert_eq!(message.error_code.as_deref(), Some("30001"));
    }

    #[test]
    fn a_success_without_a_readable_sid_is_unknown() {
        for body in ["", "{}", "<html>", r#"{"sid":null}"#, r#"{"sid":"SM1"}"#] {
            assert!(is_unknown(&verdict(201, body)), "{body}");
        }
        assert!(is_unknown(&verdict(204, "")));
    }

    #[test]
    fn the_code_decides_before_the_status() {
        let throttled = Verdict::Throttled {
            code: "20429".to_owned(),
            retry_after: None,
            slow: false,
        };
        assert_eq!(refusal(429, 20429), throttled);
        assert_eq!(refusal(503, 20429), throttled);
        let Verdict::Misconfigured { scope, .. } = refusal(401, 20003) else {
            panic!("not a fault of the account");
        };
        assert_eq!(scope, Scope::Account);
        let Verdict::Misconfigured { resume_after, .. } = refusal(429, 63038) else {
            panic!("the daily limit is the account's");
        };
        assert!(resume_after.is_some());
        assert!(matches!(refusal(400, 30023), Verdict::SpentToday { .. }));
        assert!(is_unknown(&refusal(500, 20500)));
        assert!(is_unknown(&refusal(503, 20503)));
        assert_eq!(
            refusal(409, 20409),
            Verdict::NotSent {
                reason: NotSentReason::NotProcessed {
                    code: "20409".to_owned()
                }
            }
        );
    }

    #[test]
    fn the_details_are_our_words_not_the_providers() {
        let Verdict::Rejected {
            code,
            detail,
            opted_out,
        } = refusal(400, 21211)
        else {
            panic!("not rejected");
        };
        assert_eq!((code.as_str(), opted_out), ("21211", false));
        assert!(!detail.contains("415"), "{detail}");
    }

    #[test]
    fn a_recipient_who_wants_no_texts_is_told_from_other_refusals() {
        let refusal = refusal(400, 21610);
        assert!(matches!(
            refusal,
            Verdict::Rejected {
                opted_out: true,
                ..
            }
        ));
    }

    #[test]
    fn a_code_that_is_new_to_us_rejects_only_with_a_client_error() {
        let Verdict::Rejected { code, .. } = refusal(400, 29999) else {
            panic!("not rejected");
        };
        assert_eq!(code, "29999");
        assert!(is_unknown(&refusal(500, 29999)));
        assert!(is_unknown(&refusal(307, 21211)));
    }

    #[test]
    fn an_answer_that_is_not_the_providers_own_is_unknown() {
        let bodies = [
            "",
            "<html>",
            "{}",
            r#"{"code":null}"#,
            r#"{"code":"no code"}"#,
        ];
        for status in [302, 400, 401, 404, 413, 429, 500, 502, 503, 504] {
            for body in bodies {
                assert!(is_unknown(&verdict(status, body)), "{status} {body}");
            }
        }
    }

    #[test]
    fn the_wait_that_the_provider_asks_for_is_handed_on() {
        let mut answer = Answer::for_test(429, r#"{"code":20429}"#);
        answer.retry_after = Some(Duration::from_secs(7));
        let Verdict::Throttled { retry_after, .. } = super::verdict(&answer) else {
            panic!("not throttled");
        };
        assert_eq!(retry_after, Some(Duration::from_secs(7)));
    }
}
