//! What each documented error code means, from <https://www.twilio.com/docs/api/errors>.

use mysms_core::provider::{Pressure, Scope};
use twilio::{Class, GLOSSARY, explain, rule};

const PERMANENT: Class = Class::Permanent;
const RETRY: Class = Class::Retry;
const FAST: Class = Class::Throttled { slow: false };
const SLOW: Class = Class::Throttled { slow: true };
const ACCOUNT: Class = Class::Config(Scope::Account);
const SENDER: Class = Class::Config(Scope::Sender);
const MESSAGE: Class = Class::ConfigMessage;
const AMBIGUOUS: Class = Class::Ambiguous;
const UNRELATED: Class = Class::Unrelated;

/// A row for each row of the documentation, and what the sentence for users has to say.
const TABLE: &[(&[&str], Class, &str)] = &[
    (&["20003"], ACCOUNT, "credentials"),
    (&["20005", "20006", "70051"], ACCOUNT, "account"),
    (&["20008"], ACCOUNT, "test credentials"),
    (&["20404"], ACCOUNT, "does not know"),
    (&["20004"], ACCOUNT, "request"),
    (&["20409", "20009"], RETRY, "busy"),
    (&["20429"], FAST, "slow down"),
    (&["63038"], ACCOUNT, "day"),
    (&["20500"], AMBIGUOUS, "sent or not"),
    (&["20503"], AMBIGUOUS, "sent or not"),
    (&["21201", "21604"], PERMANENT, "recipient"),
    (&["21211"], PERMANENT, "not a valid phone number"),
    (&["21212"], SENDER, "Our own number"),
    (&["21408"], MESSAGE, "country"),
    (&["21601", "21606", "21607", "21616"], SENDER, "Our number"),
    (&["21657", "21659", "21660"], SENDER, "Our number"),
    (&["21602", "21619"], PERMANENT, "no text"),
    (&["21603"], SENDER, "number to send from"),
    (&["21608"], MESSAGE, "verify"),
    (&["21609"], SENDER, "status reports"),
    (&["21610"], PERMANENT, "unsubscribed"),
    (&["21611"], SLOW, "queue"),
    (&["21612"], PERMANENT, "cannot be reached"),
    (&["21614", "21635"], PERMANENT, "mobile"),
    (&["21617"], PERMANENT, "1600"),
    (&["21618"], PERMANENT, "carriers"),
    (&["21620", "21623"], PERMANENT, "media"),
    (&["21621", "21622"], MESSAGE, "pictures"),
    (&["21624", "90007", "21627"], MESSAGE, "valid"),
    (&["21654", "21655", "21656", "21658"], PERMANENT, "template"),
    (
        &["21701", "21702", "21704", "21705"],
        SENDER,
        "Messaging Service",
    ),
    (&["21703"], MESSAGE, "Messaging Service"),
    (
        &["35110", "35114", "35117", "35118", "35119"],
        PERMANENT,
        "schedule",
    ),
    (&["30400", "30409"], PERMANENT, "changed"),
    (&["14107"], SLOW, "replies"),
    (&["30001"], SLOW, "queue"),
    (&["30002"], ACCOUNT, "suspended"),
    (&["30003"], RETRY, "could not be reached"),
    (&["30004"], PERMANENT, "blocks"),
    (&["30005"], PERMANENT, "unknown"),
    (&["30006"], PERMANENT, "landline"),
    (&["30007"], PERMANENT, "filtered"),
    (&["30008"], AMBIGUOUS, "arrived or not"),
    (&["30010"], PERMANENT, "price"),
    (&["30011"], PERMANENT, "pictures"),
    (&["30019"], PERMANENT, "too large"),
    (&["30012", "30013", "30045"], MESSAGE, "valid"),
    (&["30017"], RETRY, "congested"),
    (&["30018", "30024", "30042"], SENDER, "registered"),
    (
        &["30020", "30021", "30047", "30500"],
        RETRY,
        "internal error",
    ),
    (&["30022"], SLOW, "rate"),
    (&["30023", "30027"], Class::SpentToday, "day"),
    (&["30025", "30026"], UNRELATED, "day"),
    (
        &["30032", "30033", "30034", "30035"],
        SENDER,
        "registration",
    ),
    (&["30036"], RETRY, "validity"),
    (&["30410"], AMBIGUOUS, "arrived or not"),
    (&["30450"], RETRY, "fraud"),
    (&["63003", "63024"], PERMANENT, "channel"),
    (&["63007"], SENDER, "channel"),
    (&["63013"], PERMANENT, "rules"),
    (&["63014"], PERMANENT, "blocked"),
    (&["63016"], PERMANENT, "shortly after"),
    (&["63017", "63018"], FAST, "rate"),
    (&["30009", "30038"], UNRELATED, "received"),
    (
        &["11200", "11202", "11205", "11210", "11215"],
        UNRELATED,
        "not affected",
    ),
    (
        &["11217", "11220", "11235", "11236", "11237"],
        UNRELATED,
        "not affected",
    ),
    (
        &["11750", "12100", "12200", "12300", "57012"],
        UNRELATED,
        "not affected",
    ),
];

#[test]
fn every_documented_code_has_its_class_and_a_sentence() {
    for (codes, class, words) in TABLE {
        for code in *codes {
            let known = rule(code).map(|rule| rule.class);
            assert_eq!(known, Some(*class), "{code}");
            assert!(explain(code).contains(words), "{code}: {}", explain(code));
        }
    }
}

/// Only what no recipient and no text can bring about may stop everybody's sending.
#[test]
fn nothing_that_depends_on_one_message_stops_all_sending() {
    for code in [
        "21408", "21608", "21610", "21612", "21614", "21617", "21621", "21703",
    ] {
        let class = rule(code).unwrap().class;
        assert!(!matches!(class, Class::Config(_)), "{code}");
    }
}

#[test]
fn what_says_that_a_sender_is_too_fast_or_has_used_up_its_day_bears_on_it_and_nothing_else_does() {
    for (codes, ..) in TABLE {
        for code in *codes {
            let expected = match *code {
                "20429" | "21611" | "30001" | "30022" => Some(Pressure::SlowDown),
                "30023" | "30027" => Some(Pressure::StopUntilMidnight),
                _ => None,
            };
            assert_eq!(GLOSSARY.pressure(code), expected, "{code}");
        }
    }
}

#[test]
fn only_the_daily_limit_says_when_to_try_again() {
    for (codes, ..) in TABLE {
        for code in *codes {
            let told = rule(code).unwrap().resume_after.is_some();
            assert_eq!(told, *code == "63038", "{code}");
        }
    }
}
