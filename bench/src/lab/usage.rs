//! What a process costs, as Linux tells it (`proc(5)`).

use std::time::Duration;

use anyhow::Context as _;

/// What a process has cost so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of all its threads, in user mode and in the kernel; counted in hundredths of a second.
    pub cpu: Duration,
    /// The memory that it takes now.
    pub resident_kib: u64,
    /// The most that it ever took.
    pub peak_kib: u64,
}

/// Clock ticks in a second; Linux shows every process this many.
const TICKS_PER_SECOND: u64 = 100;

impl Usage {
    /// What a process of this machine has cost; fails once it is gone.
    pub fn of(pid: i32) -> anyhow::Result<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        Self::read(&stat, &status).context("the system does not tell what a process costs")
    }

    fn read(stat: &str, status: &str) -> Option<Self> {
        // The name of the program may have spaces and parentheses in it.
        let (_, after_name) = stat.rsplit_once(") ")?;
        let mut ticks = after_name.split(' ').skip(11).map(str::parse::<u64>);
        let ticks = ticks.next()?.ok()? + ticks.next()?.ok()?;
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().strip_suffix(" kB")?.parse().ok()
        };
        Some(Self {
            cpu: Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND),
            resident_kib: kib("VmRSS:")?,
            peak_kib: kib("VmHWM:")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_an_odd_name_is_read_too() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 150 50 9 9 20 0 4 0 1 1 1 1";
        let status = "Name:\ta\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        let usage = Usage::read(stat, status).unwrap();
        assert_eq!(usage.cpu, Duration::from_secs(2));
        assert_eq!((usage.resident_kib, usage.peak_kib), (1024, 2048));
    }
}
