//! The pages of the transition tables, each beginning with its picture, as the documentation shows
//! them.

use core::fmt::Write;

use super::diagram::Diagram;
use super::golden::{is_updating, read, same, write};
use super::picture::{described, drawn, embedded, framed};

/// A machine's table, as it was tried.
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) diagram: Diagram,
    pub(crate) rows: Vec<Row>,
}

/// What an event in a state leads to, in words.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) state: String,
    pub(crate) event: String,
    pub(crate) outcome: String,
}

impl Table {
    /// Holds its page and its picture in `src/tables` against what they should be; makes them anew
    /// when asked to.
    pub(crate) fn check(&self) {
        let file = |kind| format!("src/tables/{}.{kind}", self.diagram.name);
        if is_updating() {
            let description = self.diagram.description();
            // The same description is not drawn again: another Graphviz draws a bit differently.
            if described(&read(&file("svg"))) != description {
                write(&file("svg"), &drawn(&description));
            }
            write(&file("md"), &self.page(&read(&file("svg"))));
        }
        if let Err(why) = self.judge(&read(&file("svg")), &read(&file("md"))) {
            panic!("{why}");
        }
    }

    /// Whether picture and page are up to date.
    fn judge(&self, picture: &str, page: &str) -> Result<(), String> {
        let file = |kind| format!("src/tables/{}.{kind}", self.diagram.name);
        let description = self.diagram.description();
        same(&file("svg"), described(picture), &description)?;
        same(&file("md"), page, &self.page(picture))
    }

    /// Plants failures: a table that lacks one move, or one row, makes what it made before stale.
    pub(crate) fn check_that_a_change_shows(mut self) {
        let picture = framed(&self.diagram.description(), "<svg>\n", "</svg>\n");
        let page = self.page(&picture);
        assert_eq!(self.judge(&picture, &page), Ok(()));
        let misses = |table: &Self, kind| {
            let name = format!("{}.{kind} is stale", table.diagram.name);
            table
                .judge(&picture, &page)
                .is_err_and(|why| why.contains(&name))
        };
        for place in 0..self.diagram.moves.len() {
            let one = self.diagram.moves.remove(place);
            assert!(misses(&self, "svg"), "{one:?} can be lost");
            self.diagram.moves.insert(place, one);
        }
        for place in 0..self.rows.len() {
            let row = self.rows.remove(place);
            assert!(misses(&self, "md"), "{row:?} can be lost");
            self.rows.insert(place, row);
        }
    }

    fn page(&self, picture: &str) -> String {
        let mut page = format!("# {}\n\n{}", self.title, embedded(picture));
        for node in &self.diagram.states {
            let code = node
                .code
                .map_or_else(String::new, |code| format!(" ({code})"));
            let name = &node.name;
            write!(
                page,
                "\n## {name}{code}\n\n| event | outcome |\n|---|---|\n"
            )
            .unwrap();
            for row in self.rows.iter().filter(|row| row.state == *name) {
                writeln!(page, "| {} | {} |", row.event, row.outcome).unwrap();
            }
        }
        page
    }
}
