//! What was answered outlives the primary that answered it.
//!
//! In each act a primary takes something that no other member has, is asked for it again at a moment
//! when something else refuses the repeat, and is lost then. What anybody was told to have been done
//! must be there afterwards.

mod cases;
mod stage;

use futures_util::future::try_join_all;

use self::cases::{Act, Case};
use self::stage::{Scene, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_outlives_its_primary() {
    let _machine = crate::MACHINE.lock().await;
    let stage = Stage::start().await.unwrap();
    let mut untrue = Vec::new();
    for act in cases::ACTS {
        untrue.extend(play(&stage, act).await.unwrap());
    }
    assert!(untrue.is_empty(), "{untrue:#?}");
}

/// Plays the cases of an act at the same time, because each loss of a primary takes seconds; tells
/// which answers turned out to be untrue.
async fn play(stage: &Stage, act: &Act) -> anyhow::Result<Vec<String>> {
    let scenes = act
        .cases
        .iter()
        .map(|case| stage.scene(case.name, case.apis));
    let scenes: Vec<Scene> = try_join_all(scenes).await?;
    (act.trouble)(stage).await?;
    let answers = scenes.iter().zip(act.cases);
    let answers = answers.map(|(scene, Case { play, .. })| play(scene));
    let answers = try_join_all(answers).await?;
    stage.lose_the_primary().await?;
    let mut untrue = Vec::new();
    for (scene, answers) in scenes.into_iter().zip(answers) {
        let name = scene.name;
        let found = scene.untrue(&answers).await?;
        let told = found.into_iter();
        untrue.extend(told.map(|why| format!("{name}, answered {answers}: {why}")));
    }
    Ok(untrue)
}
