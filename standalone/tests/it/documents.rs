//! What the documents say must be so.

use shared::config::VARIABLES;

const README: &str = include_str!("../../../README.md");

#[test]
fn the_readme_lists_every_variable_as_the_code_knows_it() {
    let rows: Vec<String> = VARIABLES
        .iter()
        .map(|variable| {
            let default = variable
                .default
                .map_or(String::new(), |value| format!("`{value}`"));
            format!("| `{}` | {default} | {} |", variable.name, variable.meaning)
        })
        .collect();
    let table: Vec<&str> = README
        .lines()
        .skip_while(|line| *line != "| variable | default | meaning |")
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(table, rows, "the table should be:\n{}", rows.join("\n"));
}
