//! Texts in tables that spreadsheets open.

/// What spreadsheets take for the beginning of a formula.
const SIGNS: [char; 7] = ['=', '+', '-', '@', '＝', '＋', '＠'];

/// What divides columns in some countries, whatever stands in quotation marks.
const DIVIDER: char = ';';

/// The text with an apostrophe before whatever a spreadsheet would take for a formula, and before such an
/// apostrophe.
pub(super) fn defused(text: &str) -> String {
    changed(text, |piece, out| {
        if is_formula(piece) {
            out.push('\'');
        }
        out.push_str(piece);
    })
}

/// The text before it was [`defused`].
pub(super) fn restored(text: &str) -> String {
    changed(text, |piece, out| {
        let without = piece.strip_prefix('\'').filter(|rest| is_formula(rest));
        out.push_str(without.unwrap_or(piece));
    })
}

fn is_formula(piece: &str) -> bool {
    piece.trim_start_matches('\'').starts_with(SIGNS)
}

fn changed(text: &str, change: impl Fn(&str, &mut String)) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for piece in text.split_inclusive(DIVIDER) {
        change(piece, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_a_formula_and_everything_comes_back() {
        for (text, written) in [
            ("+14155550123", "'+14155550123"),
            ("=1+1", "'=1+1"),
            ("'=1", "''=1"),
            ("'hello", "'hello"),
            ("a;=b;c", "a;'=b;c"),
            ("", ""),
            ("ACME", "ACME"),
        ] {
            assert_eq!(defused(text), written);
            assert_eq!(restored(written), text);
        }
        assert_eq!(restored("+14155550123"), "+14155550123");
    }
}
