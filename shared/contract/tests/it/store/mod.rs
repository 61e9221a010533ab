//! The contract of the ports to the ledger: every adapter passes the same cases.

mod accepting;
mod accounts;
mod acts;
pub(crate) mod adapters;
mod adopting;
mod at_provider;
mod changes;
mod claims;
mod conflicts;
mod consents;
mod conversations;
mod erasing;
mod facts;
mod failures;
mod filters;
pub(crate) mod fixtures;
mod giving_back;
mod history;
mod holding;
mod invites;
mod keys;
mod lanes;
mod leaving;
mod opting_out;
mod orders;
mod passwords;
mod pauses;
mod polls;
mod positions;
mod putting_aside;
pub(crate) mod quotas;
mod random;
mod receiving;
mod records;
mod reference;
mod repeats;
mod replica_set;
mod resolving;
mod restoring;
mod sessions;
mod settling;
mod standing;
mod surplus;
mod together;
mod told;
mod tombstones;
mod turns;
mod uploads;
mod waiting;
mod withdrawing;

/// Stamps a case as a test of its own, on a fresh store of the adapter.
macro_rules! cases {
    ($adapter:ident; $($module:ident { $($case:ident)+ })+) => {
        $(mod $module {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let store = crate::store::adapters::$adapter().await;
                crate::store::$module::$case(&store).await;
                store.dispose().await;
            })+
        })+
    };
}

/// Names every case of the contract once.
macro_rules! contract {
    ($adapter:ident) => {
        cases! { $adapter;
            accepting {
                a_message_is_read_back_field_by_field
                one_of_pictures_alone_has_an_empty_text
                a_scheduled_message_waits_for_its_time
                messages_that_do_not_exist_are_left_out
                an_idempotency_key_is_used_once_by_each_owner
                one_of_twenty_racing_requests_with_one_key_is_stored
                a_message_is_found_by_its_owners_key
                what_was_written_survives_reopening
            }
            accounts {
                a_user_is_found_by_name_and_id
                a_username_is_unique_ignoring_case
                one_of_twenty_racing_sign_ups_gets_the_name
                the_latest_networks_of_a_user_are_known
                networks_that_race_are_all_known
            }
            acts {
                what_operators_did_is_told_newest_first
                an_act_is_recorded_once
            }
            adopting {
                the_holder_adopts_what_the_list_showed
                a_sid_with_an_owner_is_not_adopted
                one_of_twenty_racing_adoptions_gets_the_sid
                owners_are_told_with_the_time_of_their_sid
            }
            changes {
                they_are_told_in_the_order_of_their_times
                a_part_goes_on_where_the_one_before_ended
                whatever_a_user_sees_of_a_message_tells_when_it_changed
                what_nobody_sees_is_no_change
                a_deletion_is_a_change_without_content
                nobody_is_told_of_the_messages_of_another
            }
            claims {
                a_claim_begins_an_attempt
                a_claim_notes_from_where_the_text_is_sent
                one_of_twenty_racing_tasks_wins
                each_message_of_twenty_racing_batches_is_won_once
                a_message_named_twice_in_a_batch_is_answered_once
                each_message_of_a_batch_is_judged_alone
                a_message_is_claimed_two_seconds_early_at_most
                a_message_with_five_seconds_left_is_not_claimed
                only_a_queued_message_expires
                another_accounts_messages_are_left_alone
                a_deleted_message_is_not_claimed
                a_new_attempt_forgets_the_looks_but_not_the_first_start
                the_earliest_start_counts_whatever_the_clocks
            }
            conflicts {
                a_claim_that_a_deletion_overtakes_is_not_won
                of_two_claims_at_the_same_version_one_wins
                a_claim_is_won_although_something_else_changed_first
                a_cancellation_that_a_claim_overtakes_is_too_late
                a_settlement_that_a_callback_overtakes_changes_nothing
                facts_of_one_batch_survive_a_change_in_between
                a_fact_goes_to_whoever_got_its_sid_in_between
                a_sid_that_another_message_got_in_between_is_not_adopted
                a_claim_whose_answer_is_lost_is_won_by_its_repeat
                what_never_stops_changing_is_an_error_or_left_to_others
                a_stop_ends_all_texts_though_a_worker_claims_one_of_them_meanwhile
                what_a_fact_did_is_told_once_though_its_answer_is_lost
                who_has_won_some_keeps_them_though_the_rest_fails
            }
            receiving {
                whoever_writes_has_a_conversation
                an_answer_in_another_channel_belongs_to_whoever_wrote_to_its_number
                a_running_conversation_with_a_short_code_is_kept
                what_would_be_nobodys_may_be_somebodys
                what_belongs_to_nobody_is_given_to_a_user
                one_of_twenty_racing_users_is_given_it
                only_what_belongs_to_nobody_is_given
                who_was_given_a_text_gets_the_next
                where_nobody_is_to_get_it_at_first_whoever_was_given_it_does
            }
            conversations {
                a_received_message_is_read_back_field_by_field
                the_same_sid_is_one_message
                one_of_twenty_racing_deliveries_of_a_sid_is_stored
                it_belongs_to_the_user_who_holds_the_conversation
                a_text_that_is_found_late_goes_to_whom_it_was_written
                texts_that_nobody_got_hide_no_conversation
                a_text_through_a_service_is_answered_through_it
                a_number_may_give_its_texts_to_one_user
                only_a_text_that_was_taken_takes_a_conversation_over
                a_deleted_message_stands_for_nobody
                a_history_shows_what_was_sent_and_a_thread_both
                conversations_are_listed_newest_first_and_in_pages
                a_deleted_message_is_in_no_conversation
                what_was_read_is_counted_no_more
                a_received_message_is_a_change_and_nothing_to_do
            }
            erasing {
                what_is_old_and_at_rest_is_erased
                what_is_still_on_its_way_or_has_changed_since_is_kept
                what_was_accepted_later_is_not_looked_at
                it_goes_on_in_batches
            }
            facts {
                the_providers_answer_ends_the_attempt
                a_receipt_is_kept_with_its_time
                the_provider_may_know_better_than_we_do
                a_late_or_repeated_fact_sets_no_alarm
                a_sid_that_messages_race_for_has_one_owner
                a_fact_goes_to_the_owner_of_the_sid
                a_fact_about_nothing_we_know_changes_nothing
                another_account_has_no_say
            }
            failures {
                they_are_listed_in_order_and_in_pages
                only_what_ended_without_success_is_listed
                a_message_is_retried_once
            }
            filters {
                by_status
                by_recipient
                by_reference_exactly
                by_all_tags_that_are_wanted
                several_conditions_are_found_by_the_rarest
                by_the_time_to_the_millisecond
                by_text_literally_and_ignoring_case
                by_everything_together
                by_direction
                by_a_part_of_the_number
                pages_are_stable_while_messages_are_inserted
                a_long_search_goes_on_where_it_stopped
            }
            giving_back {
                what_will_not_be_sent_gives_its_turn_back
                what_is_refused_or_deleted_together_gives_all_turns_back
                what_waits_or_moves_gives_its_turn_back
                what_was_sent_or_had_no_turn_gives_nothing_back
            }
            history {
                it_is_shown_in_both_orders_whole_and_in_pages
                pages_are_stable_while_messages_are_inserted
                a_page_goes_on_after_a_message_deleted_since
                a_page_shows_all_but_the_timelines
                nobody_sees_or_touches_the_messages_of_another
                deleted_messages_are_not_shown
            }
            holding {
                the_old_holder_of_a_lease_is_refused
                nobody_holds_a_message_between_two_looks
                a_token_of_another_message_is_refused
                a_message_that_is_not_being_sent_is_held_by_nobody
            }
            invites {
                an_invite_makes_one_user
                one_of_twenty_racing_sign_ups_uses_the_invite
                a_taken_name_leaves_the_invite_as_it_was
                an_invite_ends_at_its_time_or_when_it_is_taken_back
                they_are_listed_with_their_users
                it_stays_used_up_when_its_user_leaves
            }
            keys {
                a_key_is_read_back_field_by_field
                a_key_that_was_ended_is_found_no_more
                all_keys_of_a_user_end_together
                a_user_has_so_many_keys_and_no_more_however_they_race
                the_latest_use_of_a_key_is_known
                an_expired_key_is_shown_for_a_while
            }
            lanes {
                a_lane_lists_the_oldest_alarm_first
                each_lane_lists_its_own_statuses_only
                the_poll_lane_orders_accepted_and_sent_together
                a_lane_lists_one_account_only
                an_alarm_rings_at_the_retry_or_the_expiry_if_that_is_earlier
                a_pushed_alarm_rings_an_hour_later_or_at_the_expiry
                an_alarm_is_pushed_only_if_it_is_as_it_was_read
                overdue_lists_the_unsent_of_every_account
                overdue_lists_the_doubtful_of_every_account
                open_accounts_are_those_with_an_alarm
                old_tombstones_are_purged_and_nothing_else
                a_store_that_works_answers_a_ping
            }
            leaving {
                the_answer_to_a_deleted_text_is_its_users
                so_is_that_to_a_text_that_was_deleted_while_it_was_sent
                so_is_that_to_one_of_which_a_callback_tells_first
                so_is_that_to_one_that_is_found_at_the_provider
                so_is_that_to_one_that_is_taken_while_it_is_deleted
                nothing_is_noted_of_what_reached_nobody
                nothing_is_noted_of_a_user_who_leaves
            }
            consents {
                every_entry_is_kept_as_it_was_first
                entries_are_read_part_by_part_in_the_order_in_which_they_were_said
                a_user_who_leaves_takes_no_evidence_along
                who_wants_none_from_all_senders_gets_none_from_any
                what_is_said_of_all_senders_settles_what_is_open_with_one
                what_is_unclear_is_listed_until_something_else_is_said
                what_was_noted_since_is_told_whatever_it_is
                standings_are_found_by_recipient_and_part_by_part_by_sender
            }
            opting_out {
                the_latest_wish_counts_in_whatever_order_it_is_heard_of
                of_what_was_said_at_one_time_the_withdrawal_counts
                the_latest_of_twenty_racing_wishes_counts
                a_wish_is_about_its_senders_only
                what_was_noted_since_is_told
                what_waits_to_be_sent_to_them_fails_unsent
                nothing_else_is_refused
                it_goes_on_in_parts
                a_repeated_stop_ends_nothing_that_was_sent_since_a_start
            }
            orders {
                every_order_of_four_facts_ends_the_same
                of_two_codes_for_one_status_the_smaller_stays
                facts_between_our_own_steps_end_the_same
                facts_that_race_end_in_the_strongest
            }
            passwords {
                a_new_password_takes_the_place_of_the_one_it_was_meant_for
                one_of_twenty_racing_changes_wins
                another_hash_of_a_password_ends_no_token
                a_new_password_ends_the_tokens_before_it
                all_sessions_end_together
                a_closed_account_is_gone_and_its_name_free
                a_closed_account_waits_until_it_is_erased
                the_end_of_a_token_is_known_by_its_time
            }
            polls {
                a_poll_is_taken_when_it_is_due
                only_an_open_message_is_polled
                the_next_poll_moves_the_alarm
                a_message_rests_when_the_polls_are_over_and_still_hears_callbacks
            }
            positions {
                a_text_that_waited_stands_where_it_went_out
                it_lifts_its_conversation_when_it_goes_out
                pages_go_on_on_both_sides_while_a_text_moves
                what_is_seen_up_to_a_text_that_moved_is_read
                conversations_are_found_by_a_part_of_the_number
            }
            putting_aside {
                only_those_that_are_asked_for_are_listed_page_by_page
                it_is_told_where_conversations_stand
                it_is_told_with_whom_something_is_to_be_done
                a_conversation_is_deleted_both_ways_and_no_other
                a_conversation_is_deleted_up_to_a_message
            }
            quotas {
                segments_are_granted_up_to_the_limit_of_the_day
                what_is_given_back_may_be_spent_again
                racing_reservations_do_not_exceed_the_limit
                a_text_counts_everywhere_or_nowhere
                each_counter_has_an_hour_or_a_day_of_its_own
                racing_texts_of_many_users_do_not_exceed_what_all_may_send
            }
            records {
                a_record_is_read_back_with_its_version
                a_record_is_replaced_only_in_the_version_that_was_seen
                a_record_that_is_made_anew_is_another
                one_of_twenty_racing_replacements_wins
                nothing_is_lost_among_twenty_racing_writers
                the_records_of_a_kind_are_listed
                the_records_under_a_prefix_are_listed_part_by_part
                a_reading_tells_the_time_that_all_processes_share
            }
            repeats {
                repeat_insert_is_harmless
                repeat_claim_is_harmless
                repeat_expire_is_harmless
                repeat_settle_is_harmless
                repeat_settle_is_harmless_after_a_new_claim
                repeat_apply_fact_is_harmless
                repeat_surplus_fact_is_harmless
                repeat_take_resolve_is_harmless
                repeat_adopt_is_harmless
                repeat_take_poll_is_harmless
                repeat_next_poll_is_harmless
                repeat_push_alarm_is_harmless
                repeat_erasures_are_harmless
                repeat_purge_is_harmless
                repeat_erase_old_is_harmless
                repeat_cancel_is_harmless
                repeat_delete_is_harmless
                repeat_learning_of_a_medium_is_harmless
                repeat_delete_all_is_harmless
                repeat_doubt_is_harmless
                repeat_sign_up_is_harmless
                repeat_change_password_is_harmless
                repeat_end_sessions_is_harmless
                repeat_renew_is_harmless
                repeat_go_on_is_harmless
                repeat_close_is_harmless
                repeat_erased_is_harmless
                repeat_revoke_is_harmless
                repeat_reserve_is_harmless
                repeat_give_back_is_harmless
                repeat_opt_out_is_harmless
                repeat_assign_is_harmless
                repeat_refuse_queued_is_harmless
                repeat_pause_is_harmless
                repeat_take_probe_is_harmless
                repeat_resume_is_harmless
                to_read_changes_nothing
            }
            resolving {
                a_message_is_taken_only_when_its_lease_is_over
                only_messages_in_doubt_are_taken
                one_of_twenty_racing_resolvers_takes_it
                a_fruitless_look_leaves_it_until_the_next
                only_a_complete_list_without_it_counts
                the_texts_being_sent_to_a_number_are_told
                what_was_given_up_for_a_number_is_told
                it_is_sent_again_only_after_a_first_fruitless_look
                a_doubt_is_given_up_only_after_its_time
            }
            restoring {
                what_was_waiting_becomes_a_doubt
                what_was_being_sent_is_looked_for_anew
                a_doubt_is_settled_by_the_list
                what_cannot_have_been_sent_keeps_waiting
                nothing_else_is_doubted
                every_account_is_doubted_batch_by_batch
            }
            sessions {
                a_session_is_shown_to_its_user_field_by_field
                a_renewed_session_is_the_latest_and_lasts_longer
                a_token_is_renewed_once
                one_of_twenty_racing_renewals_wins
                what_has_ended_is_not_shown
                a_session_goes_on_by_its_cookie_turn_by_turn
                a_renewed_token_shortens_no_session_and_keeps_the_cookie
                one_of_twenty_racing_turns_wins
            }
            pauses {
                a_pause_is_seen_by_all_until_it_ends
                a_failed_probe_backs_off_and_the_pause_keeps_its_beginning
                the_old_prober_has_no_right_after_a_new_pause
                a_probe_is_taken_when_it_is_due_and_nobody_probes
                there_is_nothing_to_probe_without_a_pause
                one_of_twenty_racing_probers_wins
                an_operators_pause_is_never_probed
                an_operators_pause_and_a_senders_own_leave_each_other_alone
            }
            settling {
                a_rejected_message_has_failed
                what_is_not_wanted_any_more_fails_unsent
                what_was_not_sent_waits_for_its_time
                an_unknown_outcome_keeps_the_lease
                a_message_deleted_while_sending_ends_when_that_is_settled
                a_deleted_message_absent_twice_is_not_sent_again
                a_timeline_keeps_its_last_hundred_entries
            }
            at_provider {
                what_rests_deleted_is_due_in_a_lane_of_its_own
                a_lane_with_nothing_else_has_a_standing
                nothing_is_due_unless_it_is_wanted
                all_ways_to_delete_are_followed_by_it
                it_is_taken_by_one_and_put_off_by_all
                it_is_noted_once_and_its_user_sees_no_change
                what_waits_for_it_is_not_purged
                a_text_that_was_taken_again_is_erased_again
                what_a_look_may_show_is_evidence
            }
            standing {
                each_lane_is_counted_with_its_oldest_alarm
                a_doubt_was_claimed_long_ago_and_is_still_being_sent
            }
            surplus {
                it_is_recorded_and_counted_once
                only_its_receipt_is_evidence
                it_may_be_a_twins_if_the_own_sid_is_from_a_list
                without_a_twin_it_counts_but_proves_nothing_of_a_listed_sid
                a_twin_is_the_same_text_to_the_same_number_in_doubt
                pictures_without_words_are_twins_and_no_others
                a_deleted_twin_in_doubt_is_one_still
                a_twin_does_not_matter_if_the_own_sid_was_answered
            }
            together {
                inserts_are_each_judged_alone
                facts_are_each_judged_alone
                whoever_goes_away_takes_no_neighbour_along
            }
            told {
                what_was_told_is_read_back_field_by_field
                what_was_told_never_goes_back
                each_endpoint_is_told_for_itself
                what_racing_workers_told_is_all_known
                what_an_endpoint_was_told_is_forgotten_part_by_part
                what_was_told_long_ago_is_forgotten
            }
            tombstones {
                a_queued_message_is_never_sent_after_its_deletion
                content_and_recipient_are_erased
                reference_and_tags_are_erased_too
                pictures_are_erased_too
                one_that_is_being_sent_keeps_them_until_that_is_settled
                an_adopted_one_is_erased_too
                a_late_callback_brings_nothing_back
                the_idempotency_key_stays_used
                the_sid_stays_taken
                deleting_all_reaches_every_status_and_no_other_user
            }
            turns {
                a_queue_counts_what_enters_and_leaves
                the_texts_of_a_user_lie_one_behind_the_other
                two_users_take_turns
                a_user_with_more_weight_gets_more_turns
                nobody_begins_before_what_is_being_sent
                what_is_given_back_shortens_the_line_of_its_user
                a_queue_in_which_nothing_waits_is_empty
                those_who_race_get_turns_of_their_own
                at_most_a_thousand_users_are_told_of
            }
            uploads {
                an_upload_is_found_once_all_of_it_is_there
                an_upload_is_held_by_its_owner_alone_and_never_shortened
                an_upload_is_removed_with_the_only_message_that_had_it
                what_is_kept_no_longer_is_removed
                whoever_leaves_takes_their_uploads_along
                a_removal_and_a_message_do_not_both_get_it
            }
            waiting {
                the_lowest_turn_leaves_first
                each_line_and_class_has_an_order_of_its_own
                what_does_not_wait_is_not_listed
                a_message_takes_a_turn_once_it_is_due
                what_was_not_sent_keeps_its_place_unless_it_has_to_wait
                what_waits_for_its_turn_expires_in_time
                the_senders_that_are_waited_for_are_told_once
                whatever_waits_for_a_sender_or_leaves_from_it_is_listed
                what_leaves_another_sender_is_not_claimed
                what_waits_is_claimed_as_it_was_read
                what_waits_for_its_turn_is_not_claimed_by_its_job
                a_claim_that_a_move_overtakes_is_not_won
                a_move_that_a_claim_overtakes_changes_nothing
                what_one_has_moved_no_other_moves_on
                of_racing_moves_and_claims_one_sender_has_it
                quiet_hours_take_the_turn_and_move_the_expiry
            }
            withdrawing {
                a_queued_message_is_canceled_and_stays_in_the_history
                canceling_twice_answers_the_same
                a_message_put_back_in_the_queue_can_be_canceled
                it_is_too_late_once_a_worker_has_claimed_it
                what_is_deleted_or_unknown_is_not_found
            }
            random {
                operations_do_what_the_reference_does
                operations_that_race_break_no_invariant
            }
        }
    };
}

mod in_memory {
    contract!(reference);
}

mod sqlite {
    contract!(sqlite);
}

mod mongo {
    contract!(mongo);
}
