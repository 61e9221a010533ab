use mysms_core::domain::{
    Description, DisabledBy, Endpoint, EndpointId, EndpointState, EndpointUrl, EventTypes, Secret,
    Secrets, Tags,
};

use super::*;

impl Scene {
    /// Stores an endpoint that was disabled a while ago.
    fn store_disabled(&self, ago: Duration) -> EndpointId {
        let at = self.clock.now() - ago;
        let endpoint = Endpoint {
            id: EndpointId::generate(at),
            owner: self.owner,
            url: EndpointUrl::parse("https://example.com/hook".to_owned()).unwrap(),
            description: Description::default(),
            events: EventTypes::all(),
            tags: Tags::default(),
            secrets: Secrets::new(Secret::generate()),
            created_at: at,
            state: EndpointState::Disabled {
                at,
                by: DisabledBy::Failing,
            },
        };
        let id = endpoint.id;
        self.store.endpoints.lock().unwrap().push(endpoint);
        id
    }

    fn announce_endpoints(&self) {
        let announcement = Announcement::of_endpoints(self.owner, self.clock.now());
        self.announcements.announce(announcement);
    }
}

#[tokio::test(start_paused = true)]
async fn a_webhook_that_was_disabled_is_told_of_at_once_and_once() {
    let scene = Scene::begin().await;
    let mut client = scene.join();
    client.told_within(60 * SECOND).await;
    let id = scene.store_disabled(Duration::ZERO);
    scene.announce_endpoints();
    let told = client.told_within(SECOND / 2).await;
    assert!(told.starts_with("event: webhook.disabled\nid: "), "{told}");
    assert_eq!(count(&told, &format!(r#""id":"{id}""#)), 1, "{told}");
    assert_eq!(count(&told, r#""disabled_by":"failing""#), 1, "{told}");
    scene.announce_endpoints();
    assert_eq!(client.told_within(60 * SECOND).await, "");
    // Enabled, and disabled once more.
    let at = scene.clock.now();
    let by = DisabledBy::Owner;
    scene.store.endpoints.lock().unwrap()[0].state = EndpointState::Disabled { at, by };
    scene.announce_endpoints();
    let told = client.told_within(SECOND / 2).await;
    assert_eq!(count(&told, r#""disabled_by":"owner""#), 1, "{told}");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_webhook_whose_end_nobody_announced_is_found_by_looking() {
    let scene = Scene::begin().await;
    scene.store_disabled(600 * SECOND);
    let mut client = scene.join();
    assert_eq!(client.told_within(60 * SECOND).await, "", "that is old");
    scene.store.away.store(true, Ordering::SeqCst);
    let id = scene.store_disabled(Duration::ZERO);
    client.told_within(60 * SECOND).await;
    scene.store.away.store(false, Ordering::SeqCst);
    let told = client.told_within(LOOK_INTERVAL + SECOND).await;
    assert_eq!(count(&told, "event: "), 1, "{told}");
    assert_eq!(count(&told, &id.to_string()), 1, "{told}");
    assert_eq!(client.told_within(60 * SECOND).await, "");
    scene.end().await;
}
