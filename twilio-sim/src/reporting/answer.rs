use crate::{
    Direction,
    callback::Answer,
    clock::now_ms,
    message::{LONGEST_BODY, Message},
    plan,
    state::Sim,
};

/// Does what the owner of the number said to an inbound text, as Twilio would: nothing for no body
/// or an empty `<Response/>`, and a plain text goes to the handset. Verbs of `TwiML` are not
/// simulated.
pub(super) fn heed(sim: &Sim, inbound: usize, answer: &Answer) {
    let Ok(text) = std::str::from_utf8(&answer.body) else {
        tracing::warn!("an inbound text was answered with something that is not UTF-8");
        return;
    };
    match answer.content_type.as_deref() {
        _ if text.trim().is_empty() => {}
        Some("text/plain") => reply(sim, inbound, text),
        Some("text/xml" | "application/xml" | "text/html") if says_nothing(text) => {}
        Some("text/xml" | "application/xml" | "text/html") => {
            tracing::warn!("an inbound text was answered with TwiML verbs: they are not simulated");
        }
        _ => tracing::warn!("an inbound text was answered with a type that Twilio refuses"),
    }
}

fn says_nothing(twiml: &str) -> bool {
    let twiml = twiml.trim();
    let declared = twiml
        .strip_prefix("<?xml")
        .and_then(|rest| rest.split_once("?>"));
    let root = declared.map_or(twiml, |(_, root)| root.trim());
    let inside = root
        .strip_prefix("<Response>")
        .and_then(|rest| rest.strip_suffix("</Response>"));
    let closed = root
        .strip_prefix("<Response")
        .and_then(|rest| rest.strip_suffix("/>"));
    inside.or(closed).is_some_and(|rest| rest.trim().is_empty())
}

/// The handset gets it like any text, unless it wants none.
fn reply(sim: &Sim, inbound: usize, text: &str) {
    let (from, to, service) = sim.ledger.read(inbound, |inbound| {
        (
            inbound.to.clone(),
            inbound.from.clone(),
            inbound.service.clone(),
        )
    });
    let scope = sim.senders.scope(&from, service.as_deref());
    let unwanted = sim.ledger.is_opted_out(&to, &scope);
    if unwanted || text.encode_utf16().count() > LONGEST_BODY {
        tracing::warn!("the answer to an inbound text cannot be sent");
        return;
    }
    let now_ms = now_ms();
    let accepted = sim.ledger.accept(Message {
        sid: Message::new_sid(),
        to,
        from,
        service,
        body: text.to_owned(),
        media: Vec::new(),
        num_media: 0,
        status_callback: None,
        direction: Direction::OutboundReply,
        order: None,
        foreign: false,
        erased: None,
        arrival: None,
        created_ms: now_ms,
        listed_ms: now_ms,
        steps: plan::unreported(now_ms, sim.live().settings.step_ms),
        callbacks: Vec::new(),
    });
    if let Err(error) = accepted {
        tracing::error!(%error, "the ledger cannot be written");
    }
}

#[cfg(test)]
mod tests {
    use super::says_nothing;

    #[test]
    fn only_an_empty_response_says_nothing() {
        for (twiml, nothing) in [
            (
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>",
                true,
            ),
            ("<?xml version=\"1.0\"?>\n<Response />\n", true),
            ("<Response></Response>", true),
            ("<Response>\n</Response>", true),
            ("<Response><Message>hello</Message></Response>", false),
            ("<Responses/>", false),
            ("<response/>", false),
            ("OK", false),
        ] {
            assert_eq!(says_nothing(twiml), nothing, "{twiml}");
        }
    }
}
