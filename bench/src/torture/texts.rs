//! The texts that are sent, and what the provider does with each.

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use twilio_sim::{Fault, Kind, Status};

use super::senders::Manner;
use super::setting::{ACCEPT_DELAY_MS, LIST_DELAY_MS};

/// A wish of a client: one key, so one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) key: String,
    /// Which of the [`Content`]s it is.
    pub(super) content: usize,
    pub(super) manner: Manner,
}

/// A recipient, a body and files, which several texts may have in common.
#[derive(Debug, Clone)]
pub(super) struct Content {
    pub(super) to: String,
    pub(super) body: String,
    /// The addresses of its files.
    pub(super) urls: Vec<String>,
    /// What the provider does about this recipient.
    pub(super) faults: Vec<Fault>,
    /// The provider may refuse it.
    pub(super) refused: bool,
    /// Its recipient's list is never to be had.
    pub(super) list_unavailable: bool,
}

/// Of a hundred contents, so many are wanted twice or three times at once, with every answer lost.
const TWINS: u32 = 3;
/// Of a hundred others, so many are taken at once, but neither the answer nor a callback says so
/// before some time has passed.
const SILENT: u32 = 12;
/// Of a hundred contents, so many have files.
const WITH_FILES: u32 = 10;
/// Of a hundred of these, so many have no words: no list tells what became of one, only a report does.
const WITHOUT_WORDS: u32 = 30;
/// One content in so many is files without words, and wanted twice or three times.
const TWINS_OF_FILES: usize = 50;
/// Of so many of these one has a text of which nobody ever tells, so its outcome stays unknown.
const UNREPORTED: usize = 4;
/// Among the first hundred texts, so many have an outcome that nobody can find out.
const UNKNOWABLE: usize = 3;

const CODE_FOR_REFUSAL: u32 = 21610;

/// Makes the contents and the texts, in the order in which they are sent.
pub(super) fn texts(rng: &mut StdRng, seed: u64, count: usize) -> (Vec<Content>, Vec<Text>) {
    let (mut contents, mut texts) = (Vec::new(), Vec::<Text>::new());
    while texts.len() < count {
        let n = contents.len();
        let twins_of_files = n % TWINS_OF_FILES == TWINS_OF_FILES - 1;
        let mut content = content(rng, seed, n, twins_of_files);
        let twins = twins_of_files || !content.list_unavailable && rng.random_ratio(TWINS, 100);
        let copies = if twins { rng.random_range(2..=3) } else { 1 };
        let copies = copies.min(count - texts.len());
        if content.list_unavailable {
            unknowable(&mut content);
        } else if twins {
            if twins_of_files && n / TWINS_OF_FILES % UNREPORTED == 1 {
                content.fault(Kind::CallbackLost { status: None }, Some(1));
            }
            lost_answers(rng, &mut content, copies);
        } else {
            ordinary(rng, &mut content);
        }
        for copy in 0..copies {
            let key = format!("torture-{seed}-{n}-{copy}");
            let manner = Manner::default();
            texts.push(Text {
                key,
                content: n,
                manner,
            });
        }
        contents.push(content);
    }
    (contents, texts)
}

fn content(rng: &mut StdRng, seed: u64, n: usize, is_files: bool) -> Content {
    let has_files = is_files || rng.random_ratio(WITH_FILES, 100);
    let has_words = !(is_files || has_files && rng.random_ratio(WITHOUT_WORDS, 100));
    Content {
        to: format!("+1555{n:07}"),
        body: if has_words {
            body(rng, seed, n)
        } else {
            String::new()
        },
        urls: if has_files { urls(rng, n) } else { Vec::new() },
        faults: Vec::new(),
        refused: false,
        list_unavailable: n % 10 == 5 && n / 10 < UNKNOWABLE,
    }
}

/// Bodies of all lengths and alphabets, each unlike every other.
fn body(rng: &mut StdRng, seed: u64, n: usize) -> String {
    const WORDS: [&str; 8] = ["ja", "über", "€", "🙂", "line\nbreak", "  ", "Ω", "{x}"];
    let words = rng.random_range(0..40);
    let mut body = format!("torture {seed}, text {n}:");
    for _ in 0..words {
        body.push(' ');
        body.push_str(WORDS.choose(rng).unwrap_or(&""));
    }
    body.push('.');
    body
}

/// Files whose addresses nobody else's have.
fn urls(rng: &mut StdRng, n: usize) -> Vec<String> {
    let count = rng.random_range(1..=2);
    let url = |file| format!("https://files.example.com/{n}/{file}.png");
    (0..count).map(url).collect()
}

impl Content {
    /// Whether it is files without words.
    pub(super) fn is_files(&self) -> bool {
        self.body.is_empty()
    }

    fn fault(&mut self, fault: Kind, times: Option<u32>) {
        self.faults.push(Fault {
            fault,
            to: Some(self.to.clone()),
            times,
            rate: None,
        });
    }
}

/// Taken, but neither an answer nor a callback nor a list ever says so.
fn unknowable(content: &mut Content) {
    content.fault(Kind::ResetAfter, None);
    content.fault(Kind::CallbackLost { status: None }, None);
    content.fault(Kind::ListRefused { status: 503 }, None);
}

/// Identical texts that only the list can tell of, if they have words, and that end differently, before late
/// callbacks name the message which each was sent for.
fn lost_answers(rng: &mut StdRng, content: &mut Content, copies: usize) {
    let ms = rng.random_range(7_000..12_000);
    content.fault(Kind::CallbackLate { ms, status: None }, None);
    for copy in 0..copies {
        let lost = [Kind::ResetAfter, Kind::HangAfter, Kind::Unreadable];
        content.fault(*lost.choose(rng).unwrap_or(&Kind::ResetAfter), Some(1));
        if copy % 2 == 0 {
            content.fault(undelivered(), Some(1));
        } else {
            content.fault(delivered(), Some(1));
        }
    }
}

fn undelivered() -> Kind {
    Kind::Outcome {
        status: Status::Undelivered,
        code: Some(30003),
    }
}

fn delivered() -> Kind {
    Kind::Outcome {
        status: Status::Delivered,
        code: None,
    }
}

/// Most texts are taken without a word; the others meet what providers and networks do.
fn ordinary(rng: &mut StdRng, content: &mut Content) {
    if rng.random_ratio(SILENT, 100) {
        silent(rng, content);
    } else if let Some(kind) = answer(rng) {
        content.refused = matches!(kind, Kind::Reject { .. });
        content.fault(kind, Some(1));
    }
    if rng.random_ratio(5, 100) {
        let ms = rng.random_range(ACCEPT_DELAY_MS);
        content.fault(Kind::DelayAccept { ms }, Some(1));
    }
    if let Some(kind) = outcome(rng) {
        content.fault(kind, Some(1));
    }
    if let Some(kind) = callback(rng) {
        content.fault(kind, Some(1));
    }
    for (kind, percent) in [
        (
            Kind::ListLate {
                ms: rng.random_range(LIST_DELAY_MS),
            },
            6,
        ),
        (Kind::ListRefused { status: 500 }, 4),
        (Kind::ListIncomplete, 3),
        (Kind::ListDelay { ms: 700 }, 3),
        (Kind::FetchRefused { status: 503 }, 3),
    ] {
        if rng.random_ratio(percent, 100) {
            content.fault(kind, Some(1));
        }
    }
}

fn silent(rng: &mut StdRng, content: &mut Content) {
    let ms = rng.random_range(1_000..1_800);
    content.fault(Kind::DelayAnswer { ms }, Some(1));
    let ms = rng.random_range(2_000..4_000);
    content.fault(Kind::CallbackLate { ms, status: None }, Some(1));
}

fn answer(rng: &mut StdRng) -> Option<Kind> {
    let ms = rng.random_range(200..1_800);
    Some(match rng.random_range(0..100) {
        0..5 => Kind::ResetAfter,
        5..9 => Kind::HangAfter,
        9..12 => Kind::ErrorAfter { status: 503 },
        12..15 => Kind::Unreadable,
        15..18 => Kind::ResetBefore,
        18..20 => Kind::HangBefore,
        20..23 => Kind::ErrorBefore { status: 500 },
        23..26 => Kind::Throttle {
            retry_after_seconds: None,
        },
        26..28 => Kind::Reject {
            code: CODE_FOR_REFUSAL,
            status: None,
        },
        28..45 => Kind::DelayAnswer { ms },
        _ => return None,
    })
}

fn outcome(rng: &mut StdRng) -> Option<Kind> {
    Some(match rng.random_range(0..100) {
        0..5 => undelivered(),
        5..8 => Kind::Outcome {
            status: Status::Failed,
            code: Some(30007),
        },
        8..10 => Kind::Outcome {
            status: Status::Sent,
            code: None,
        },
        _ => return None,
    })
}

fn callback(rng: &mut StdRng) -> Option<Kind> {
    let sent = Some(Status::Sent);
    let ms = rng.random_range(300..4_000);
    Some(match rng.random_range(0..100) {
        0..8 => Kind::CallbackLost { status: None },
        8..13 => Kind::CallbackLate { ms, status: None },
        13..18 => Kind::CallbackLate { ms, status: sent },
        18..24 => Kind::CallbackDoubled { status: None },
        24..30 => Kind::CallbackEarly { status: None },
        30..38 => Kind::CallbackReversed,
        _ => return None,
    })
}
