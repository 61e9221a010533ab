use std::fmt::Write;

use mysms_core::domain::Timestamp;
use mysms_core::store::{LaneStanding, Pause, Result, Standing};

use super::AdminPorts;

/// What waits, and what keeps it waiting.
pub(super) async fn run(ports: &AdminPorts) -> Result<String> {
    let now = ports.clock.now();
    let standings = ports
        .stores
        .operations
        .standing(now, now - ports.lease)
        .await?;
    let pauses = ports.stores.pauses.paused().await?;
    Ok(describe(&standings, &pauses, now))
}

fn describe(standings: &[Standing], pauses: &[Pause], now: Timestamp) -> String {
    let mut text = String::new();
    if standings.is_empty() {
        text += "No message waits for a worker.\n";
    }
    for standing in standings {
        let _ = writeln!(text, "account {}", standing.account);
        for lane in &standing.lanes {
            text += &lane_line(lane, now);
        }
        let _ = writeln!(text, "  doubts  {:>9}", standing.doubts);
    }
    let _ = writeln!(text, "paused senders {}", pauses.len());
    for pause in pauses {
        let _ = writeln!(
            text,
            "  {} since {}: {}",
            pause.code, pause.since, pause.reason
        );
    }
    text
}

fn lane_line(standing: &LaneStanding, now: Timestamp) -> String {
    let due = standing.oldest_due.map_or("none due".to_owned(), |at| {
        format!("oldest due for {} s", now.since(at).as_secs())
    });
    let (lane, waiting) = (standing.lane.as_str(), standing.waiting);
    format!("  {lane:<7} {waiting:>9}  {due}\n")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use mysms_core::domain::Lane;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    #[test]
    fn the_numbers_stand_in_a_line_for_each_lane() {
        let lane = |lane, waiting, oldest_due| LaneStanding {
            lane,
            waiting,
            oldest_due,
        };
        let standing = Standing {
            account: "AC1".to_owned(),
            lanes: vec![
                lane(Lane::Send, 12_000, Some(NOW - Duration::from_mins(3))),
                lane(Lane::Resolve, 1, None),
                lane(Lane::Poll, 40, None),
            ],
            doubts: 1,
        };
        let pause = Pause::by_operator("maintenance".to_owned(), NOW);
        let expected = "\
account AC1
  send        12000  oldest due for 180 s
  resolve         1  none due
  poll           40  none due
  doubts          1
paused senders 1
  operator since 2026-01-01T00:00:00.000Z: maintenance
";
        assert_eq!(describe(&[standing], &[pause], NOW), expected);
        let nothing = describe(&[], &[], NOW);
        assert_eq!(
            nothing,
            "No message waits for a worker.\npaused senders 0\n"
        );
    }
}
