//! What do the curves look like?

use crate::suggest::{Curve, Suggestion};
use plotters::prelude::*;
use rolestream::embed::Calibration;
use std::error::Error;
use std::path::Path;

type Panel<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// The curves and the three histograms of K1.
pub(crate) fn draw(path: &Path, calibration: &Calibration, suggestion: &Suggestion) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new(path, (1200, 1950)).into_drawing_area();
    root.fill(&WHITE)?;
    let title = format!("{} with {}", calibration.model, calibration.taxonomy);
    let panels = root.titled(&title, ("sans-serif", 20))?.split_evenly((6, 2));
    for (panel, curve) in panels.iter().zip(&suggestion.curves) {
        draw_curve(panel, curve)?;
    }
    for (panel, (name, bins)) in panels.iter().skip(suggestion.curves.len()).zip(&suggestion.histograms) {
        draw_histogram(panel, &format!("K1, {name}"), bins)?;
    }
    root.present()?;
    Ok(())
}

fn draw_histogram(panel: &Panel<'_>, name: &str, bins: &[usize]) -> Result<(), Box<dyn Error>> {
    let most = bins.iter().max().copied().unwrap_or(0).max(1);
    let mut chart = ChartBuilder::on(panel)
        .caption(name, ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(44)
        .build_cartesian_2d(0.0..1.05, 0..most + 1)?;
    chart.configure_mesh().x_desc("K1").y_desc("JDs").draw()?;
    chart.draw_series(bins.iter().enumerate().map(|(bin, count)| {
        let from = bin as f64 / 20.0;
        Rectangle::new([(from, 0), (from + 0.045, *count)], BLUE.mix(0.6).filled())
    }))?;
    Ok(())
}

fn draw_curve(panel: &Panel<'_>, curve: &Curve) -> Result<(), Box<dyn Error>> {
    let (from, to) = match (curve.points.first(), curve.points.last()) {
        (Some(first), Some(last)) => (first.threshold, last.threshold),
        _ => return Ok(()),
    };
    let mut chart = ChartBuilder::on(panel)
        .caption(curve.name, ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(44)
        .build_cartesian_2d(from..to, 0.0..1.0)?;
    chart.configure_mesh().x_desc(curve.axis).y_desc("share").draw()?;
    let precision = curve.points.iter().filter(|p| p.kept > 0).map(|p| (p.threshold, p.precision));
    let recall = curve.points.iter().map(|p| (p.threshold, p.recall));
    for (name, colour, line) in [("precision", BLUE, precision.collect::<Vec<_>>()), ("recall", RED, recall.collect())]
    {
        let drawn = chart.draw_series(LineSeries::new(line, colour.stroke_width(2)))?.label(name);
        drawn.legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour));
    }
    if let Some(at) = curve.suggested {
        chart.draw_series(LineSeries::new([(at, 0.0), (at, 1.0)], BLACK.mix(0.5)))?;
    }
    chart.configure_series_labels().background_style(WHITE.mix(0.8)).draw()?;
    Ok(())
}
