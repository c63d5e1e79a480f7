//! What was measured, as one table with its ratios.

use std::fmt;

use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

/// One engine on one stream, net of the loop.
pub struct Row {
    pub group: &'static str,
    pub stream: &'static str,
    pub engine: &'static str,
    pub bytes: Option<usize>,
    pub instructions: Option<f64>,
    pub nanos: f64,
}

/// The most that ours may cost of what a peer does.
pub struct Goal {
    pub stream: &'static str,
    pub peer: &'static str,
    pub what: What,
    pub most: f64,
}

#[derive(Clone, Copy)]
pub enum What {
    Instructions,
    Nanos,
}

/// All rows and ratios so far.
#[derive(Default)]
pub struct Report {
    rows: Vec<Row>,
    ratios: Vec<String>,
}

impl Report {
    pub fn add(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Works out the ratios of a group whose rows are there.
    pub fn goals(&mut self, group: &str, ours: &str, goals: &[Goal]) {
        for goal in goals {
            let measured = |engine: &str| {
                let row = self.rows.iter().find(|row| {
                    row.group == group && row.stream == goal.stream && row.engine == engine
                })?;
                match goal.what {
                    What::Instructions => row.instructions,
                    What::Nanos => Some(row.nanos),
                }
            };
            let unit = match goal.what {
                What::Instructions => "instr",
                What::Nanos => "ns",
            };
            if let Some((mine, peer)) = measured(ours).zip(measured(goal.peer)) {
                let name = format!("gate/{group}/{}/{ours}-{}-{unit}", goal.stream, goal.peer);
                self.ratios.push(format!(
                    "ratio {} {:.2} goal {:.2}",
                    name.replace(' ', "-"),
                    mine / peer,
                    goal.most
                ));
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table
            .load_style(ASCII_MARKDOWN)
            .set_header(["decision", "stream", "engine", "bytes", "instr", "ns"]);
        for row in &self.rows {
            table.add_row([
                row.group.into(),
                row.stream.into(),
                row.engine.into(),
                row.bytes.map_or("-".into(), |bytes| bytes.to_string()),
                row.instructions
                    .map_or("-".into(), |count| format!("{count:.1}")),
                format!("{:.2}", row.nanos),
            ]);
        }
        for column in table.column_iter_mut().skip(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        writeln!(f, "{table}\n")?;
        self.ratios
            .iter()
            .try_for_each(|ratio| writeln!(f, "{ratio}"))
    }
}
