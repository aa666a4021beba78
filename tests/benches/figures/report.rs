//! The report: what was measured, as text, tables and plots.

use std::path::{Path, PathBuf};
use std::{fmt, fs};

use super::plot;
use super::spread::Spread;

/// What one group of measurements found.
#[derive(Debug, Default)]
pub(crate) struct Section {
    pub(crate) title: &'static str,
    /// What was done, with what, and how it was checked. Paragraphs.
    pub(crate) text: Vec<String>,
    pub(crate) goals: Vec<Goal>,
    pub(crate) tables: Vec<Table>,
    pub(crate) plots: Vec<Plot>,
}

/// A figure that the project promises: the less, the better, unless it is a speed-up.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) figure: &'static str,
    /// `×`, `s`, `KB`.
    pub(crate) unit: &'static str,
    pub(crate) found: Spread,
    pub(crate) at_least: f64,
    pub(crate) aim: f64,
    pub(crate) better: Better,
}

/// Which way a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Better {
    Less,
    More,
}

/// Rows of text; the first column is left-aligned, all others are numbers.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) caption: String,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

/// Lines through points.
#[derive(Debug)]
pub(crate) struct Plot {
    /// Of its file, without ending.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) lines: Vec<Line>,
}

#[derive(Debug)]
pub(crate) struct Axis {
    /// With the unit.
    pub(crate) label: &'static str,
    pub(crate) scale: Scale,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    Logarithmic,
}

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

impl Goal {
    /// What the median reaches.
    fn reached(&self) -> &'static str {
        let reaches = |bound: f64| match self.better {
            Better::Less => self.found.median <= bound,
            Better::More => self.found.median >= bound,
        };
        if reaches(self.aim) {
            "met, and the aim"
        } else if reaches(self.at_least) {
            "met"
        } else {
            "not met"
        }
    }
}

/// In Markdown, which is also what is printed.
impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## {}\n", self.title)?;
        for paragraph in &self.text {
            writeln!(f, "{paragraph}\n")?;
        }
        if !self.goals.is_empty() {
            writeln!(f, "{}", goals(&self.goals))?;
        }
        for table in &self.tables {
            writeln!(f, "{table}")?;
        }
        for Plot { name, title, .. } in &self.plots {
            writeln!(f, "![{title}]({name}.svg)\n")?;
        }
        Ok(())
    }
}

/// A caption, and columns that are also aligned for whoever reads the text itself.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || std::iter::once(&self.columns).chain(&self.rows);
        let width = |column: usize| {
            let cells = lines().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..self.columns.len()).map(width).collect();
        if !self.caption.is_empty() {
            writeln!(f, "{}\n", self.caption)?;
        }
        for (number, line) in lines().enumerate() {
            for (column, (cell, &width)) in line.iter().zip(&widths).enumerate() {
                match column {
                    0 => write!(f, "| {cell:width$} |")?,
                    _ => write!(f, " {cell:>width$} |")?,
                }
            }
            writeln!(f)?;
            if number == 0 {
                for (column, &width) in widths.iter().enumerate() {
                    match column {
                        0 => write!(f, "|{:-<width$}--|", "")?,
                        _ => write!(f, "{:-<width$}-:|", "-")?,
                    }
                }
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

fn goals<'a>(goals: impl IntoIterator<Item = &'a Goal>) -> Table {
    let row = |goal: &Goal| {
        let unit = goal.unit;
        let than = match goal.better {
            Better::Less => "≤",
            Better::More => "≥",
        };
        vec![
            goal.figure.to_owned(),
            format!("{} {unit}", goal.found),
            format!("{than} {} {unit}", goal.at_least),
            format!("{than} {} {unit}", goal.aim),
            goal.reached().to_owned(),
        ]
    };
    let columns = ["goal", "found: median [least, most]", "at least", "aim", ""];
    Table {
        caption: String::new(),
        columns: columns.map(str::to_owned).into(),
        rows: goals.into_iter().map(row).collect(),
    }
}

/// Writes the report and its plots to the folder `figures` of the target folder, and
/// tells where it is.
pub(crate) fn write(machine: &[(&'static str, String)], sections: &[Section]) -> PathBuf {
    let folder = folder();
    fs::create_dir_all(&folder).expect("a folder");
    let machine = Table {
        caption: String::new(),
        columns: ["machine", ""].map(str::to_owned).into(),
        rows: machine
            .iter()
            .map(|(name, value)| vec![(*name).to_owned(), value.clone()])
            .collect(),
    };
    let all = goals(sections.iter().flat_map(|section| &section.goals));
    let mut report = format!("# What Hookwarden costs\n\n{machine}\n{all}\n");
    for section in sections {
        report += &section.to_string();
        for figure in &section.plots {
            plot::draw(figure, &folder.join(format!("{}.svg", figure.name)));
        }
    }
    let path = folder.join("report.md");
    fs::write(&path, report).expect("written");
    path
}

/// `figures` in the target folder, for the report and for what is kept from one run
/// to the next.
pub(crate) fn folder() -> PathBuf {
    // Cargo's folder for the files of benchmarks is `tmp` in it.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    target.expect("the target folder").join("figures")
}
