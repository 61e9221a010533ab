//! A page of the web client, as it is written and as it is served.

/// Where the version stands in the address of each file.
const FOLDER: &str = "=\"web/";

/// A page, which has its styles as one file.
pub(crate) struct Page {
    lines: Vec<String>,
    /// The name of the file that has all its styles.
    pub(crate) style: String,
    /// The files in which they are written, in their order.
    pub(crate) styles: Vec<String>,
    /// Scripts that run before anything is shown.
    pub(crate) scripts: Vec<String>,
    pub(crate) modules: Vec<String>,
}

impl Page {
    /// Each link and script stands on a line of its own.
    pub(crate) fn read(name: &str, text: &str) -> Self {
        let mut page = Self {
            lines: Vec::new(),
            style: name.replace(".html", ".css"),
            styles: Vec::new(),
            scripts: Vec::new(),
            modules: Vec::new(),
        };
        for line in text.lines() {
            let named = line
                .split_once(FOLDER)
                .and_then(|(_, rest)| rest.split('"').next());
            let Some(file) = named.map(str::to_owned) else {
                page.lines.push(line.to_owned());
                continue;
            };
            if line.contains("rel=\"stylesheet\"") {
                if page.styles.is_empty() {
                    page.lines.push(line.replace(&file, &page.style));
                }
                page.styles.push(file);
                continue;
            }
            if line.contains("<script type=\"module\"") {
                page.modules.push(file);
            } else if line.contains("<script") {
                page.scripts.push(file);
            }
            page.lines.push(line.to_owned());
        }
        page
    }

    pub(crate) fn text(&self, version: &str) -> String {
        let mut text = self
            .lines
            .join("\n")
            .replace(FOLDER, &format!("{FOLDER}{version}/"));
        text.push('\n');
        text
    }
}
