use super::*;

impl Scene {
    fn mark(&self, ago: Duration) {
        let at = self.clock.now() - ago;
        *self.store.marked.lock().unwrap() = Some(at);
    }

    fn announce_marks(&self) {
        let announcement = Announcement::of_marks(self.owner, self.clock.now());
        self.announcements.announce(announcement);
    }
}

const TOLD: &str = "event: conversations.marked\n";

#[tokio::test(start_paused = true)]
async fn what_is_noted_on_conversations_is_told_at_once_and_once() {
    let scene = Scene::begin().await;
    scene.mark(600 * SECOND);
    let mut client = scene.join();
    assert_eq!(client.told_within(60 * SECOND).await, "", "that is old");
    for _ in 0..2 {
        scene.mark(Duration::ZERO);
        scene.announce_marks();
        let told = client.told_within(SECOND / 2).await;
        assert_eq!(count(&told, TOLD), 1, "{told}");
        scene.announce_marks();
        assert_eq!(client.told_within(60 * SECOND).await, "");
    }
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_noted_and_not_announced_is_found_by_looking() {
    let scene = Scene::begin().await;
    let mut client = scene.join();
    client.told_within(60 * SECOND).await;
    scene.store.away.store(true, Ordering::SeqCst);
    scene.mark(Duration::ZERO);
    assert_eq!(client.told_within(60 * SECOND).await, "");
    scene.store.away.store(false, Ordering::SeqCst);
    let told = client.told_within(LOOK_INTERVAL + SECOND).await;
    assert_eq!(count(&told, TOLD), 1, "{told}");
    assert_eq!(client.told_within(60 * SECOND).await, "");
    scene.end().await;
}
