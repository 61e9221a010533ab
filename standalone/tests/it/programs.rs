//! The programs as supervisors and scripts run them.

use std::collections::BTreeMap;

use lab::free_port;
use serde_json::json;

use crate::harness::{Ended, Judge, Messenger, Mode, binary, run};

const SERVERS: [&str; 2] = ["mysms-api", "mysms-worker"];

async fn ends(program: &str, arguments: &[&str], environment: &BTreeMap<String, String>) -> Ended {
    run(&binary(program), arguments, environment, "").await
}

#[tokio::test]
async fn each_explains_itself_without_any_settings() {
    let nothing = BTreeMap::new();
    for program in [
        "mysms",
        "mysms-api",
        "mysms-worker",
        "mysms-migrate",
        "twilio-sim",
    ] {
        let help = ends(program, &["--help"], &nothing).await;
        assert_eq!(help.code, Some(0), "{program}: {help:?}");
        assert!(help.said.contains("healthcheck"), "{program}: {help:?}");
        let codes = help.said.contains("Exit codes:");
        assert!(codes || program == "twilio-sim", "{program}: {help:?}");
        let version = ends(program, &["--version"], &nothing).await;
        assert_eq!(version.code, Some(0), "{program}: {version:?}");
        let expected = format!("{program} {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(version.said, expected);
    }
}

#[tokio::test]
async fn a_wrong_configuration_is_exit_code_2_and_names_the_variables() {
    let wrong = BTreeMap::from([("AMQP_URL".to_owned(), "http://s3cret@rabbitmq".to_owned())]);
    for program in SERVERS {
        let refused = ends(program, &[], &wrong).await;
        assert_eq!(refused.code, Some(2), "{program}: {refused:?}");
        for variable in ["MONGO_URI", "AMQP_URL", "SMS_PROVIDER"] {
            assert!(refused.said.contains(variable), "{variable}: {refused:?}");
        }
        assert!(!refused.said.contains("s3cret"), "{refused:?}");
    }
    let wrong = BTreeMap::from([("PORT".to_owned(), "many".to_owned())]);
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().to_str().unwrap().to_owned();
    let mut environment = wrong.clone();
    environment.insert("DATA_DIR".to_owned(), data);
    let refused = ends("mysms", &[], &environment).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.said.contains("PORT"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schema_that_does_not_fit_has_exit_codes_of_its_own_and_says_what_to_run() {
    let judge = Judge::start().await;
    let mut messenger = Messenger::start(Mode::Servers, &judge).await;
    for program in SERVERS {
        let mut environment = messenger.environment(program);
        let uri = environment.get_mut("MONGO_URI").unwrap();
        uri.push_str("_empty");
        let missing = ends(program, &[], &environment).await;
        assert_eq!(missing.code, Some(3), "{program}: {missing:?}");
        assert!(missing.said.contains("run `mysms-migrate`"), "{missing:?}");
    }

    record_migration(&messenger, 1000, 5).await;
    messenger.terminate().await;
    messenger.restart().await;
    let client = messenger.client("upgraded").await;
    let id = client.send("+14155550100", "newer, but compatible").await;
    client.wait_for(&id, "delivered").await;
    messenger.terminate().await;

    record_migration(&messenger, 1001, 6).await;
    for program in SERVERS {
        let unknown = ends(program, &[], &messenger.environment(program)).await;
        assert_eq!(unknown.code, Some(4), "{program}: {unknown:?}");
        let why = "run that version, with its own `mysms-migrate`";
        assert!(unknown.said.contains(why), "{unknown:?}");
    }
}

/// Records a migration that this version does not know.
async fn record_migration(messenger: &Messenger, id: i32, major: i32) {
    let mongo = messenger.mongo().await;
    let record = json!({"_id": id, "major": major, "name": "of a version to come"});
    let records = mongo.database().collection("migrations");
    records.insert_one(record).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthcheck_tells_the_living_from_the_dead() {
    let judge = Judge::start().await;
    for (mode, programs) in [(Mode::Embedded, &["mysms"][..]), (Mode::Servers, &SERVERS)] {
        let mut messenger = Messenger::start(mode, &judge).await;
        for program in programs {
            let alive = ends(program, &["healthcheck"], &messenger.environment(program)).await;
            assert_eq!(alive.code, Some(0), "{program}: {alive:?}");
        }
        messenger.kill();
        for program in programs {
            let dead = ends(program, &["healthcheck"], &messenger.environment(program)).await;
            assert_eq!(dead.code, Some(1), "{program}: {dead:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_is_taken_is_exit_code_1_and_says_what_to_set() {
    let judge = Judge::start().await;
    let messenger = Messenger::start(Mode::Servers, &judge).await;
    let cases = [
        ("mysms-api", "PORT", "METRICS_PORT"),
        ("mysms-api", "METRICS_PORT", "PORT"),
        ("mysms-worker", "HEALTH_PORT", "METRICS_PORT"),
        ("mysms-worker", "METRICS_PORT", "HEALTH_PORT"),
    ];
    for (program, variable, other) in cases {
        let mut environment = messenger.environment(program);
        environment.insert(other.to_owned(), free_port().unwrap().to_string());
        let taken = ends(program, &[], &environment).await;
        assert_eq!(taken.code, Some(1), "{program}: {taken:?}");
        let what = format!("set {variable} to a free port");
        assert!(taken.said.contains(&what), "{taken:?}");
    }
    let mut elsewhere = messenger.environment("mysms-api");
    elsewhere.insert("PORT".to_owned(), free_port().unwrap().to_string());
    elsewhere.insert("AMQP_URL".to_owned(), "amqp://[".to_owned());
    let refused = ends("mysms-api", &[], &elsewhere).await;
    assert_eq!(refused.code, Some(2), "{refused:?}");
}
