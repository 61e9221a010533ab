const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
    ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED: &str = "^{}\\[~]|€\u{c}";

/// How many segments a body takes: 160 septets or 70 UTF-16 units alone, 153 or 67 when divided.
/// An escaped character or a surrogate pair is never cut in two.
pub(crate) fn count(body: &str) -> u32 {
    if let Some(sizes) = body.chars().map(septets).collect::<Option<Vec<u32>>>() {
        return divide(&sizes, 160, 153);
    }
    let units = |c: char| if c > '\u{ffff}' { 2 } else { 1 };
    divide(&body.chars().map(units).collect::<Vec<u32>>(), 70, 67)
}

fn septets(c: char) -> Option<u32> {
    if c.is_ascii_alphanumeric() || BASIC.contains(c) {
        Some(1)
    } else {
        EXTENDED.contains(c).then_some(2)
    }
}

fn divide(sizes: &[u32], alone: u32, divided: u32) -> u32 {
    if sizes.iter().sum::<u32>() <= alone {
        return 1;
    }
    let (mut segments, mut used) = (1, 0);
    for size in sizes {
        if used + size > divided {
            segments += 1;
            used = 0;
        }
        used += size;
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn counts_like_the_provider() {
        for (unit, times, segments) in [
            ("a", 160, 1),
            ("a", 161, 2),
            ("a", 306, 2),
            ("a", 307, 3),
            ("a", 1600, 11),
            ("ж", 70, 1),
            ("ж", 71, 2),
            ("ж", 134, 2),
            ("ж", 135, 3),
            ("€", 80, 1),
            ("€", 81, 2),
            ("😀", 35, 1),
            ("😀", 36, 2),
            // A pair that would be cut moves on as a whole: 76 of them in 153, 33 in 67.
            ("€", 153, 3),
            ("😀", 67, 3),
            ("`", 71, 2),
        ] {
            assert_eq!(count(&unit.repeat(times)), segments, "{times} × {unit}");
        }
    }
}
