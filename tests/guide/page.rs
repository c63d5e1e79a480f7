//! Pages of `src/guide` whose tables are made from the running code.
//!
//! A table stands between the comments `<!-- name -->` and `<!-- end -->`; the text around it is
//! written by hand.

use core::fmt::Display;

use crate::support::golden::{is_updating, read, same, write};

const END: &str = "<!-- end -->\n";

/// A page, with what its tables should be.
pub(super) struct Page {
    /// Its path from the root of the crate.
    file: &'static str,
    tables: Vec<(&'static str, Table)>,
}

/// A table in Markdown.
pub(super) struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Page {
    pub(super) fn new(file: &'static str, tables: Vec<(&'static str, Table)>) -> Self {
        Self { file, tables }
    }

    /// Holds the page against what it should be; makes its tables anew when asked to.
    pub(super) fn check(&self) {
        if is_updating() {
            write(self.file, &self.expected(&read(self.file)));
        }
        if let Err(why) = self.judge(&read(self.file)) {
            panic!("{why}");
        }
    }

    /// Plants failures: a page that lacks one row, or has another word in one, is stale.
    pub(super) fn check_that_a_change_shows(&self) {
        // The file itself may be stale, or about to be written.
        let page = self.expected(&read(self.file));
        for (name, table) in &self.tables {
            assert!(!table.rows.is_empty(), "{name}");
            for row in &table.rows {
                let row = line(row);
                for other in [String::new(), row.replacen("| ", "| not ", 1)] {
                    let changed = page.replacen(&row, &other, 1);
                    let why = self.judge(&changed).expect_err(&row);
                    assert!(why.contains(&format!("{} is stale", self.file)), "{why}");
                }
            }
        }
    }

    fn judge(&self, page: &str) -> Result<(), String> {
        let ends = page.matches(END).count();
        if ends != self.tables.len() {
            let (file, tables) = (self.file, self.tables.len());
            return Err(format!("{file} has {ends} tables, {tables} are made"));
        }
        same(self.file, page, &self.expected(page))
    }

    /// The page with tables as they should be.
    fn expected(&self, page: &str) -> String {
        let mut page = page.to_owned();
        for (name, table) in &self.tables {
            let begin = format!("<!-- {name} -->\n");
            let (before, rest) = page.split_once(&begin).unwrap_or_else(|| {
                panic!("{} has no place for the table {name}", self.file);
            });
            let (_, after) = rest.split_once(END).expect("the place of a table ends");
            page = format!("{before}{begin}\n{}\n{END}{after}", table.text());
        }
        page
    }
}

impl Table {
    pub(super) fn new(header: &[&str]) -> Self {
        Self {
            header: header.iter().copied().map(str::to_owned).collect(),
            rows: Vec::new(),
        }
    }

    pub(super) fn row(&mut self, cells: &[&dyn Display]) {
        assert_eq!(cells.len(), self.header.len());
        self.rows
            .push(cells.iter().map(ToString::to_string).collect());
    }

    fn text(&self) -> String {
        let rule = "|---".repeat(self.header.len());
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("{}{rule}|\n{rows}", line(&self.header))
    }
}

fn line(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Whether it is one, as a table shows it.
pub(super) const fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "" }
}

/// The rows of a table that is written by hand: the cells of those after its header.
pub(super) fn rows(page: &str, header: &str) -> Vec<Vec<String>> {
    let mut lines = page.lines().skip_while(|line| *line != header);
    assert!(lines.next().is_some(), "no table begins with {header}");
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| {
        let row = row.trim_matches('|');
        row.split(" | ")
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    rows.map(cells).collect()
}
