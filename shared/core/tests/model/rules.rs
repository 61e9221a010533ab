//! The rules of the delivery protocol that can be switched off, to see what each is for.

/// Which rules are in force. Start from [`Rules::ALL`] and switch off one.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each rule is switched by itself"
)]
pub(crate) struct Rules {
    /// A message is claimed only while it is queued, whatever the worker read before.
    pub(crate) claim_needs_queued: bool,
    /// A claim that was decided on an older version of the message than there is writes nothing.
    pub(crate) claims_compare_versions: bool,
    /// Who claims for a sender leaves alone what is to leave from another one that they know.
    pub(crate) claims_compare_senders: bool,
    /// A claim makes its sender the message's.
    pub(crate) claims_record_their_sender: bool,
    /// A message is looked for under its own sender, wherever the worker that looks would send from.
    pub(crate) looks_ask_for_the_sender: bool,
    /// A message is moved to another sender only while it is queued.
    pub(crate) moves_need_queued: bool,
    /// A claim is believed once a majority of the servers knows it.
    pub(crate) claims_are_a_majoritys: bool,
    /// Whose a SID is counts once a majority of the servers knows it.
    pub(crate) owners_are_a_majoritys: bool,
    /// A process whose clock is wrong begins nothing.
    pub(crate) clocks_are_watched: bool,
    /// No request is begun once the start window has passed.
    pub(crate) start_window: bool,
    /// The start window is checked where the request is written, not some time before.
    pub(crate) fence_at_the_write: bool,
    /// The start window counts from the first try of a claim, however often it is repeated.
    pub(crate) window_from_first_try: bool,
    /// An operation that is repeated or applied late judges by the moment of its first try.
    pub(crate) moment_of_first_try: bool,
    /// Whoever looks for a message in doubt holds a fresh lease while doing so.
    pub(crate) resolution_lease: bool,
    /// What a worker decides itself is refused without the current token.
    pub(crate) token_on_negative_writes: bool,
    /// Every claim and every look has a token of its own; without it, one for the whole worker.
    pub(crate) token_per_claim: bool,
    /// A settlement names its message besides the token, which a batch shares.
    pub(crate) settle_names_id: bool,
    /// A new attempt needs two fruitless looks of its own.
    pub(crate) unseen_starts_afresh: bool,
    /// The provider's yes is recorded whoever holds the lease.
    pub(crate) accepted_needs_no_lease: bool,
    /// A fact goes to the message that owns the SID, whatever message the callback names.
    pub(crate) facts_follow_the_sid: bool,
    /// A message whose SID turns out to be a twin's stays `sending`.
    pub(crate) taken_sid_keeps_sending: bool,
    /// Adopting a SID needs the current token.
    pub(crate) token_on_adopt: bool,
    /// A list that shows a SID which got its owner since is stale and proves nothing.
    pub(crate) stale_list_counts_nothing: bool,
    /// Of several matches the oldest is adopted.
    pub(crate) oldest_match_first: bool,
    /// Only the same text matches, not one that ends with it.
    pub(crate) exact_match: bool,
    /// A text listed without a readable body does not prove that ours is absent.
    pub(crate) unreadable_is_not_absent: bool,
    /// A text listed with another body than any of ours does not prove it either: the provider may
    /// have rewritten it.
    pub(crate) other_bodies_are_not_absent: bool,
    /// While the list shows something else that may be ours, a match is adopted only if there are as
    /// many of them as identical texts in doubt.
    pub(crate) matches_suffice_for_twins: bool,
    /// A text listed without a readable body is not taken for ours.
    pub(crate) unreadable_is_no_match: bool,
    /// While other files are in doubt that are listed alike, a match is not adopted.
    pub(crate) other_files_prove_nothing: bool,
    /// Nor is it once they were given up.
    pub(crate) given_up_files_count: bool,
    /// Files without words are never taken for ours, whatever else is in doubt.
    pub(crate) files_alone_are_no_match: bool,
    /// A doubt that no list can settle is given up long after the message expired.
    pub(crate) doubts_end: bool,
    /// Whoever has claimed a text asks whether its recipient wants it, and refuses it otherwise.
    pub(crate) claims_heed_opt_outs: bool,
    /// They ask the ledger, not what their process has heard of it.
    pub(crate) claims_ask_the_ledger: bool,
    /// A doubt that would be queued again is refused if its recipient wants no texts by now.
    pub(crate) doubts_heed_opt_outs: bool,
    /// Nothing is erased at the provider that a look may show for a message that was tried and is not settled.
    pub(crate) erasures_spare_evidence: bool,
    /// A deleted message keeps its row, and with it its SID.
    pub(crate) tombstones: bool,
    /// Setting the alarm of the next poll needs an open message.
    pub(crate) poll_alarm_needs_open: bool,
    /// A fact sets the alarm of a poll only if it raises the status.
    pub(crate) fact_alarm_needs_raise: bool,
    /// A terminal status gives way to a stronger one.
    pub(crate) terminals_are_ordered: bool,
    /// A second SID that was delivered raises no message that found its own SID in a list.
    pub(crate) surplus_spares_adopted: bool,
    /// A second SID stays without an owner until a twin's own look finds it.
    pub(crate) surplus_waits_for_its_twin: bool,
}

impl Rules {
    /// The protocol as it is.
    pub(crate) const ALL: Self = Self {
        claim_needs_queued: true,
        claims_compare_versions: true,
        claims_compare_senders: true,
        claims_record_their_sender: true,
        looks_ask_for_the_sender: true,
        moves_need_queued: true,
        claims_are_a_majoritys: true,
        owners_are_a_majoritys: true,
        clocks_are_watched: true,
        start_window: true,
        fence_at_the_write: true,
        window_from_first_try: true,
        moment_of_first_try: true,
        resolution_lease: true,
        token_on_negative_writes: true,
        token_per_claim: true,
        settle_names_id: true,
        unseen_starts_afresh: true,
        accepted_needs_no_lease: true,
        facts_follow_the_sid: true,
        taken_sid_keeps_sending: true,
        token_on_adopt: true,
        stale_list_counts_nothing: true,
        oldest_match_first: true,
        exact_match: true,
        unreadable_is_not_absent: true,
        other_bodies_are_not_absent: true,
        matches_suffice_for_twins: true,
        unreadable_is_no_match: true,
        other_files_prove_nothing: true,
        given_up_files_count: true,
        files_alone_are_no_match: true,
        doubts_end: true,
        claims_heed_opt_outs: true,
        claims_ask_the_ledger: true,
        doubts_heed_opt_outs: true,
        erasures_spare_evidence: true,
        tombstones: true,
        poll_alarm_needs_open: true,
        fact_alarm_needs_raise: true,
        terminals_are_ordered: true,
        surplus_spares_adopted: true,
        surplus_waits_for_its_twin: true,
    };
}
