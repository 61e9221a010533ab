//! What happens without a rule: for each a shortest way to a text sent twice, lost or mislabelled.
//!
//! Not here, because they are a second line of defence: the second look while the provider is quiet
//! at the first, `canceled` instead of `queued` for a deleted message that was not sent, a settlement
//! that checks the status besides the token, an erasure that waits for what was tried and is queued again.

use mysms_core::domain::Erasure;

use super::bounds::{Bounds, Clocks, Files, Timing};
use super::invariants::Violation;
use super::rules::Rules;
use super::runs::breaks;

const PLAIN: Bounds = Bounds::PLAIN;
const ALL: Rules = Rules::ALL;

const TWINS: Bounds = Bounds {
    texts: &[0, 0],
    ..PLAIN
};

const MOVED: Bounds = Bounds { moves: 1, ..PLAIN };

const THREE_ATTEMPTS: Bounds = Bounds {
    attempts: 3,
    not_sent: true,
    ..PLAIN
};

const ONE_WITH_STATUSES: Bounds = Bounds {
    later_statuses: true,
    callbacks: true,
    ..PLAIN
};

const TWINS_WITH_STATUSES: Bounds = Bounds {
    texts: &[0, 0],
    attempts: 1,
    tasks: 1,
    ..ONE_WITH_STATUSES
};

const DELETED_TWINS: Bounds = Bounds {
    in_doubt: 2,
    tasks: 1,
    users: true,
    ..TWINS
};

const TWO_TEXTS: Bounds = Bounds {
    texts: &[0, 1],
    unreadable: true,
    expiry: true,
    in_doubt: 2,
    tasks: 1,
    ..PLAIN
};

const FILES: Bounds = Bounds {
    texts: &[0, 1],
    files: Some(Files::WithWords),
    expiry: true,
    ..PLAIN
};

macro_rules! rule {
    ($name:ident: $rule:ident, $bounds:expr, $violation:ident) => {
        #[test]
        fn $name() {
            let rules = Rules {
                $rule: false,
                ..ALL
            };
            breaks(stringify!($name), $bounds, rules, Violation::$violation);
        }
    };
}

rule!(without_a_condition_on_the_claim_a_text_is_sent_twice:
    claim_needs_queued, PLAIN, SentTwice);

rule!(without_comparing_versions_a_text_leaves_from_where_it_was_moved_away:
    claims_compare_versions, MOVED, FromAnotherSender);

rule!(without_comparing_versions_a_text_is_sent_twice:
    claims_compare_versions, MOVED, SentTwice);

rule!(without_comparing_senders_a_text_leaves_from_where_it_was_moved_away:
    claims_compare_senders, MOVED, FromAnotherSender);

rule!(without_recording_the_claimants_sender_a_text_is_sent_twice:
    claims_record_their_sender, Bounds { strangers: true, ..MOVED }, SentTwice);

rule!(without_looking_under_its_own_sender_a_text_is_sent_twice:
    looks_ask_for_the_sender, MOVED, SentTwice);

rule!(without_leaving_what_is_claimed_where_it_is_a_text_is_sent_twice:
    moves_need_queued, MOVED, SentTwice);

rule!(without_a_majority_behind_a_claim_a_text_is_sent_twice:
    claims_are_a_majoritys, Bounds { rollbacks: 1, ..PLAIN }, SentTwice);

rule!(without_a_majority_behind_an_owner_a_text_is_sent_twice:
    owners_are_a_majoritys, Bounds { rollbacks: 1, ..PLAIN }, SentTwice);

rule!(without_watching_for_clocks_that_are_ahead_a_text_is_sent_twice:
    clocks_are_watched, Bounds { clocks: Clocks::Ahead, ..PLAIN }, SentTwice);

rule!(without_watching_for_clocks_that_are_behind_a_text_is_sent_twice:
    clocks_are_watched, Bounds { clocks: Clocks::Behind, ..PLAIN }, SentTwice);

rule!(without_the_start_window_a_text_is_sent_twice:
    start_window, PLAIN, SentTwice);

rule!(without_the_fence_at_the_write_a_text_is_sent_twice:
    fence_at_the_write, PLAIN, SentTwice);

rule!(without_the_window_of_the_first_try_a_text_is_sent_twice:
    window_from_first_try, Bounds { late_writes: 1, ..PLAIN }, SentTwice);

rule!(without_the_moment_of_the_first_try_a_text_is_sent_twice:
    moment_of_first_try,
    Bounds {
        attempts: 3,
        late_writes: 1,
        timing: Timing::QuietAtSecondLook,
        ..PLAIN
    },
    SentTwice);

rule!(without_a_lease_for_the_look_a_text_is_sent_twice:
    resolution_lease, THREE_ATTEMPTS, SentTwice);

rule!(without_the_token_on_negative_writes_a_text_is_sent_twice:
    token_on_negative_writes, THREE_ATTEMPTS, SentTwice);

rule!(without_a_token_per_claim_a_text_is_sent_twice:
    token_per_claim, THREE_ATTEMPTS, SentTwice);

rule!(without_the_id_in_a_settlement_a_text_is_sent_twice:
    settle_names_id,
    Bounds {
        texts: &[0, 1],
        batches: true,
        not_sent: true,
        ..PLAIN
    },
    SentTwice);

// While the provider is quiet at the first look, one look is enough and this rule a second line.
rule!(without_two_looks_of_its_own_a_text_is_sent_twice:
    unseen_starts_afresh,
    Bounds {
        attempts: 3,
        timing: Timing::QuietAtSecondLook,
        ..PLAIN
    },
    SentTwice);

rule!(without_recording_a_late_yes_a_sid_is_lost:
    accepted_needs_no_lease, PLAIN, FactLost);

rule!(without_following_the_sid_a_status_is_lost:
    facts_follow_the_sid, TWINS_WITH_STATUSES, FactLost);

rule!(without_a_place_for_a_taken_sid_a_text_never_sent_is_shown_accepted:
    taken_sid_keeps_sending, TWINS, Mislabelled);

rule!(without_sparing_adopted_sids_a_text_is_shown_delivered_that_was_not:
    surplus_spares_adopted, TWINS_WITH_STATUSES, Mislabelled);

rule!(without_the_token_on_adopt_a_text_is_sent_twice:
    token_on_adopt, TWINS, SentTwice);

rule!(without_the_oldest_match_first_a_text_is_sent_twice:
    oldest_match_first, TWINS, SentTwice);

rule!(without_dropping_stale_lists_one_of_three_texts_is_sent_twice:
    stale_list_counts_nothing,
    Bounds {
        texts: &[0, 0, 0],
        in_doubt: 3,
        claims: 4,
        ..PLAIN
    },
    SentTwice);

rule!(without_exact_matches_a_text_is_lost:
    exact_match, TWO_TEXTS, ForeignSid);

rule!(without_passing_over_unreadable_bodies_a_text_is_lost:
    unreadable_is_no_match, TWO_TEXTS, ForeignSid);

rule!(without_waiting_for_unreadable_bodies_a_text_is_sent_twice:
    unreadable_is_not_absent,
    Bounds {
        unreadable: true,
        expiry: true,
        ..PLAIN
    },
    SentTwice);

rule!(without_waiting_for_other_bodies_a_text_is_sent_twice:
    other_bodies_are_not_absent,
    Bounds {
        rewritten: true,
        expiry: true,
        ..PLAIN
    },
    SentTwice);

rule!(without_a_match_for_each_twin_a_text_is_sent_twice:
    matches_suffice_for_twins,
    Bounds {
        in_doubt: 1,
        tasks: 1,
        claims: 3,
        unreadable: true,
        ..TWINS
    },
    SentTwice);

rule!(without_heeding_other_files_in_doubt_one_gets_the_sid_of_another:
    other_files_prove_nothing, FILES, ForeignSid);

rule!(without_heeding_files_that_were_given_up_others_get_their_sid:
    given_up_files_count, FILES, ForeignSid);

rule!(without_passing_over_files_without_words_others_get_the_sid_of_deleted_ones:
    files_alone_are_no_match,
    Bounds {
        files: Some(Files::Alone),
        in_doubt: 2,
        tasks: 1,
        users: true,
        ..FILES
    },
    ForeignSid);

rule!(without_asking_for_consent_a_text_is_claimed_after_an_opt_out:
    claims_heed_opt_outs, Bounds { opt_outs: true, ..PLAIN }, ClaimedAgainstWill);

rule!(without_asking_the_ledger_a_text_is_claimed_after_an_opt_out_that_was_stored:
    claims_ask_the_ledger, Bounds { opt_outs: true, ..PLAIN }, ClaimedAgainstWill);

rule!(without_asking_for_consent_a_doubt_is_queued_after_an_opt_out:
    doubts_heed_opt_outs, Bounds { opt_outs: true, ..PLAIN }, QueuedAgainstWill);

rule!(without_sparing_evidence_a_text_is_sent_twice:
    erasures_spare_evidence,
    Bounds {
        erasure: Some(Erasure::Record),
        ..DELETED_TWINS
    },
    SentTwice);

rule!(without_sparing_evidence_a_doubt_lasts_for_ever:
    erasures_spare_evidence,
    Bounds {
        erasure: Some(Erasure::Content),
        ..DELETED_TWINS
    },
    NeverSettled);

rule!(without_tombstones_one_sid_stands_for_two_texts:
    tombstones, Bounds { users: true, ..TWINS }, SidOfTwoMessages);

rule!(without_tombstones_a_repeated_request_is_sent_again:
    tombstones, Bounds { users: true, ..PLAIN }, SentTwice);

rule!(without_giving_up_a_doubt_lasts_for_ever:
    doubts_end,
    Bounds {
        unreadable: true,
        expiry: true,
        ..PLAIN
    },
    NeverSettled);

rule!(without_an_order_of_terminal_statuses_a_receipt_is_lost:
    terminals_are_ordered, ONE_WITH_STATUSES, FactLost);

rule!(without_a_condition_on_the_poll_alarm_terminal_messages_ring:
    poll_alarm_needs_open, ONE_WITH_STATUSES, AlarmForNothing);

rule!(without_a_rise_for_the_fact_alarm_terminal_messages_ring:
    fact_alarm_needs_raise, ONE_WITH_STATUSES, AlarmForNothing);

rule!(without_leaving_a_second_sid_to_its_twin_one_of_three_texts_is_sent_twice:
    surplus_waits_for_its_twin,
    Bounds {
        texts: &[0, 0, 0],
        in_doubt: 3,
        claims: 4,
        tasks: 1,
        callbacks: true,
        ..PLAIN
    },
    SentTwice);

/// The provider takes a text later than the protocol can wait for.
#[test]
fn without_the_timing_inequality_a_text_is_sent_twice() {
    let bounds = Bounds {
        timing: Timing::Never,
        ..PLAIN
    };
    breaks(
        "without_the_timing_inequality_a_text_is_sent_twice",
        bounds,
        ALL,
        Violation::SentTwice,
    );
}

/// One look more, but not a quiet provider at the first: enough for one text, not for twins.
#[test]
fn without_a_quiet_first_look_a_text_is_sent_twice() {
    let bounds = Bounds {
        timing: Timing::QuietAtSecondLook,
        ..TWINS
    };
    breaks(
        "without_a_quiet_first_look_a_text_is_sent_twice",
        bounds,
        ALL,
        Violation::SentTwice,
    );
}
