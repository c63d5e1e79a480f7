//! What was measured, as tables in Markdown.

use std::fmt;

use comfy_table::{Table, presets::ASCII_MARKDOWN};

use super::engine::Role;

/// One engine on one stream, net of the loop.
pub struct Row {
    pub group: &'static str,
    pub stream: &'static str,
    pub engine: &'static str,
    pub role: Role,
    pub bytes: usize,
    pub instructions: Option<f64>,
    pub nanos: Spread,
}

/// The middle one of several rounds, between the lowest and the highest.
#[derive(Clone, Copy)]
pub struct Spread {
    low: f64,
    median: f64,
    high: f64,
}

impl Spread {
    pub fn of(rounds: impl Iterator<Item = f64>) -> Self {
        let mut rounds: Vec<f64> = rounds.collect();
        rounds.sort_unstable_by(f64::total_cmp);
        Self {
            low: rounds[0],
            median: rounds[rounds.len() / 2],
            high: rounds[rounds.len() - 1],
        }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2}–{:.2})", self.median, self.low, self.high)
    }
}

/// The most that ours may cost of something else.
pub struct Goal {
    stream: &'static str,
    what: What,
    against: &'static str,
    figure: Option<f64>,
    most: f64,
}

impl Goal {
    /// Against an engine on the same stream.
    pub const fn beside(stream: &'static str, what: What, engine: &'static str, most: f64) -> Self {
        Self {
            stream,
            what,
            against: engine,
            figure: None,
            most,
        }
    }

    /// Against a figure from elsewhere.
    pub const fn above(
        stream: &'static str,
        what: What,
        name: &'static str,
        figure: f64,
        most: f64,
    ) -> Self {
        Self {
            stream,
            what,
            against: name,
            figure: Some(figure),
            most,
        }
    }
}

#[derive(Clone, Copy)]
pub enum What {
    Instructions,
    Nanos,
    Bytes,
}

impl What {
    const fn unit(self) -> &'static str {
        match self {
            Self::Instructions => "instr",
            Self::Nanos => "ns",
            Self::Bytes => "bytes",
        }
    }

    fn of(self, row: &Row) -> Option<f64> {
        match self {
            Self::Instructions => row.instructions,
            Self::Nanos => Some(row.nanos.median),
            Self::Bytes => Some(row.bytes as f64),
        }
    }
}

/// All rows and goals so far.
#[derive(Default)]
pub struct Report {
    pub rows: Vec<Row>,
    goals: Vec<[String; 7]>,
    missed: usize,
}

impl Report {
    /// Holds a group whose rows are there against its goals.
    pub fn goals(&mut self, group: &str, ours: &str, goals: &[Goal]) {
        for goal in goals {
            let measured = |engine: &str| {
                let row = self.rows.iter().find(|row| {
                    row.group == group && row.stream == goal.stream && row.engine == engine
                })?;
                goal.what.of(row)
            };
            let figure = goal.figure.or_else(|| measured(goal.against));
            let Some((mine, figure)) = measured(ours).zip(figure) else {
                continue;
            };
            let ratio = mine / figure;
            let met = ratio <= goal.most;
            self.missed += usize::from(!met);
            let unit = goal.what.unit();
            self.goals.push([
                group.into(),
                goal.stream.into(),
                format!("{mine:.1} {unit}"),
                format!("{figure:.1}, {}", goal.against),
                format!("{ratio:.2}"),
                format!("{:.2}", goal.most),
                if met { "met" } else { "**missed**" }.into(),
            ]);
        }
    }

    /// Ours beside the best of all peers, stream by stream.
    fn against_best(&self) -> Table {
        let mut table = markdown(&[
            "decision",
            "stream",
            "instr",
            "best peer",
            "ratio",
            "ns",
            "best peer",
            "ratio",
        ]);
        for (place, mine) in self.rows.iter().enumerate() {
            let before = place.checked_sub(1).map(|place| &self.rows[place]);
            let same = |row: &&Row| row.group == mine.group && row.stream == mine.stream;
            // The first of a stream is ours.
            if before.filter(same).is_some() {
                continue;
            }
            let peers = || {
                self.rows
                    .iter()
                    .filter(same)
                    .filter(|row| row.role == Role::Peer)
            };
            let best = |what: What| {
                peers()
                    .filter_map(|row| Some((row, what.of(row)?)))
                    .min_by(|(_, one), (_, other)| one.total_cmp(other))
            };
            let mut lost = false;
            let mut cells = Vec::new();
            for what in [What::Instructions, What::Nanos] {
                let Some((own, (peer, figure))) = what.of(mine).zip(best(what)) else {
                    cells.extend(["-"; 3].map(String::from));
                    continue;
                };
                let ratio = own / figure;
                lost |= ratio > 1.0;
                let [own, figure] = match what {
                    What::Nanos => [mine.nanos.to_string(), peer.nanos.to_string()],
                    What::Instructions | What::Bytes => [own, figure].map(|n| format!("{n:.1}")),
                };
                let ratio = bold(format!("{ratio:.2}"), ratio > 1.0);
                cells.extend([own, format!("{figure}, {}", peer.engine), ratio]);
            }
            let labels = [mine.group, mine.stream].map(|label| bold(label.into(), lost));
            table.add_row(labels.into_iter().chain(cells));
        }
        table
    }
}

fn bold(text: String, lost: bool) -> String {
    match lost {
        true => format!("**{text}**"),
        false => text,
    }
}

fn markdown(header: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(ASCII_MARKDOWN)
        .set_header(header.iter().copied());
    table
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = markdown(&["decision", "stream", "engine", "bytes", "instr", "ns"]);
        for row in &self.rows {
            let count = row.instructions.map(|count| format!("{count:.1}"));
            all.add_row([
                row.group.into(),
                row.stream.into(),
                row.engine.into(),
                row.bytes.to_string(),
                count.unwrap_or("-".into()),
                row.nanos.to_string(),
            ]);
        }
        writeln!(
            f,
            "## Beside the best of all peers\n\n{}\n",
            self.against_best()
        )?;
        if !self.goals.is_empty() {
            let mut goals = markdown(&[
                "decision", "stream", "ours", "against", "ratio", "goal", "result",
            ]);
            goals.add_rows(&self.goals);
            let (missed, count) = (self.missed, self.goals.len());
            writeln!(f, "## Goals: {missed} of {count} missed\n\n{goals}\n")?;
        }
        writeln!(f, "## Every engine\n\n{all}")
    }
}
