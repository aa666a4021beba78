//! A plot as a picture.

use std::error::Error;
use std::ops::Range;
use std::path::Path;

use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

use super::report::{Axis, Plot, Scale};

const SIZE: (u32, u32) = (800, 480);

const FONT: &str = "sans-serif";

/// Draws it into a file.
pub(crate) fn draw(plot: &Plot, file: &Path) {
    let points = || plot.lines.iter().flat_map(|line| &line.points);
    let (xs, ys) = (points().map(|(x, _)| *x), points().map(|(_, y)| *y));
    let (x, y) = (range(&plot.x, xs.clone()), range(&plot.y, ys));
    let log_x = || x.clone().log_scale().with_key_points(distinct(xs.clone()));
    let log_y = || y.clone().log_scale().with_key_points(ticks(&y));
    let (linear_x, linear_y) = (x.clone(), y.clone());
    let drawn = match (plot.x.scale, plot.y.scale) {
        (Scale::Linear, Scale::Linear) => on(plot, file, linear_x, linear_y),
        (Scale::Linear, Scale::Logarithmic) => on(plot, file, linear_x, log_y()),
        (Scale::Logarithmic, Scale::Linear) => on(plot, file, log_x(), linear_y),
        (Scale::Logarithmic, Scale::Logarithmic) => on(plot, file, log_x(), log_y()),
    };
    drawn.expect("a file for the plot");
}

/// From zero where there is one, and otherwise from a little before the first value;
/// to a little beyond the last.
fn range(axis: &Axis, values: impl Iterator<Item = f64> + Clone) -> Range<f64> {
    let most = values.clone().fold(f64::MIN_POSITIVE, f64::max);
    match axis.scale {
        Scale::Linear => 0.0..most * 1.1,
        Scale::Logarithmic => values.fold(most, f64::min) / 1.2..most * 1.2,
    }
}

/// Where there are points, for an axis that jumps from one to the next.
fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<_> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.dedup();
    values
}

/// 1, 2, 5, 10 and so on, as far as they are in the range.
fn ticks(range: &Range<f64>) -> Vec<f64> {
    let powers = (-9..=9).map(|power| 10_f64.powi(power));
    let ticks = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|step| step * power));
    ticks.filter(|tick| range.contains(tick)).collect()
}

fn label(value: &f64) -> String {
    let rounded = (value * 1000.0).round() / 1000.0;
    rounded.to_string()
}

fn on<X, Y>(plot: &Plot, file: &Path, x: X, y: Y) -> Result<(), Box<dyn Error>>
where
    X: AsRangedCoord<Value = f64>,
    X::CoordDescType: ValueFormatter<f64>,
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let area = SVGBackend::new(file, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .caption(&plot.title, (FONT, 22))
        .margin(12)
        .x_label_area_size(52)
        .y_label_area_size(72)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .x_desc(plot.x.label)
        .y_desc(plot.y.label)
        .x_label_formatter(&label)
        .y_label_formatter(&label)
        .label_style((FONT, 16))
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (number, line) in plot.lines.iter().enumerate() {
        let color = Palette99::pick(number).to_rgba();
        let points = || line.points.iter().copied();
        chart
            .draw_series(LineSeries::new(points(), color.stroke_width(2)))?
            .label(line.name.as_str())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color.stroke_width(2)));
        chart.draw_series(points().map(|point| Circle::new(point, 3, color.filled())))?;
    }
    if plot.lines.len() > 1 {
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .background_style(WHITE.mix(0.8))
            .border_style(BLACK.mix(0.3))
            .label_font((FONT, 16))
            .draw()?;
    }
    area.present()?;
    Ok(())
}
