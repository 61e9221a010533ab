//! The curves of a run as a picture.

use std::fmt::Write as _;

use super::Report;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 200.0;
const MARGIN: f64 = 48.0;

/// One curve: its name, its colour, and its points in the order of x.
struct Curve<'a> {
    name: &'a str,
    colour: &'a str,
    points: Vec<(f64, f64)>,
}

/// Draws throughput by connections, and latency by percentile, side by side.
pub fn svg(report: &Report) -> String {
    let connections = report.accept_by_connections.iter();
    let names: Vec<_> = connections.clone().map(|(n, _)| n.to_string()).collect();
    let places = |values: Vec<f64>| (0_u32..).map(f64::from).zip(values).collect();
    let accepted = Curve {
        name: "POST /messages",
        colour: "#0b6e99",
        points: places(connections.map(|(_, per_s)| *per_s).collect()),
    };
    let bare = Curve {
        name: "bare insert_one, 64 in flight",
        colour: "#a05a2c",
        points: places(vec![report.ceiling_insert_per_s; names.len()]),
    };
    let quantiles = report.accept_latency.iter();
    let percent: Vec<_> = quantiles
        .map(|(quantile, _)| format!("{:.3}", quantile * 100.0))
        .map(|text| text.trim_end_matches('0').trim_end_matches('.').to_owned())
        .collect();
    let curve = |name, colour, curve: &[(f64, f64)]| Curve {
        name,
        colour,
        points: places(curve.iter().map(|(_, ms)| *ms).collect()),
    };
    let ours = curve("POST /messages", "#0b6e99", &report.accept_latency);
    let theirs = curve("bare insert_one", "#a05a2c", &report.ceiling_latency);

    let (width, height) = (2.0 * (WIDTH + 2.0 * MARGIN), HEIGHT + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let title = "Accepted per second, by connections";
    panel(&mut svg, MARGIN, title, &names, &[accepted, bare]);
    let title = format!(
        "Milliseconds at {:.0} a second, by percentile",
        report.open_loop_per_s
    );
    panel(
        &mut svg,
        WIDTH + 3.0 * MARGIN,
        &title,
        &percent,
        &[ours, theirs],
    );
    svg.push_str("</svg>\n");
    svg
}

/// Draws axes, ticks and curves with the lower left corner of the frame at `left`.
fn panel(svg: &mut String, left: f64, title: &str, ticks: &[String], curves: &[Curve<'_>]) {
    let points = curves.iter().flat_map(|curve| &curve.points);
    let highest = points.map(|(_, y)| *y).fold(f64::EPSILON, f64::max);
    let last = u32::try_from(ticks.len().saturating_sub(1)).map_or(1.0, f64::from);
    let x = |place: f64| left + WIDTH * place / last.max(1.0);
    let y = |value: f64| MARGIN + HEIGHT * (1.0 - value / highest);
    let (bottom, right) = (MARGIN + HEIGHT, left + WIDTH);
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<text x=\"{left}\" y=\"20\" font-weight=\"bold\">{title}</text>\n\
         <path d=\"M{left} {MARGIN}V{bottom}H{right}\" fill=\"none\" stroke=\"#888\"/>"
    );
    for (place, tick) in (0_u32..).map(f64::from).zip(ticks) {
        let (x, y) = (x(place), bottom + 16.0);
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{tick}</text>"
        );
    }
    for part in [0.0, 0.5, 1.0] {
        let (value, x) = (part * highest, left - 6.0);
        let (y, digits) = (y(value) + 4.0, usize::from(highest < 100.0));
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{value:.digits$}</text>"
        );
    }
    for (place, curve) in (0_u32..).map(f64::from).zip(curves) {
        let at = |(px, py): &(f64, f64)| format!("{:.1},{:.1}", x(*px), y(*py));
        let line: Vec<_> = curve.points.iter().map(at).collect();
        let (line, colour, name) = (line.join(" "), curve.colour, curve.name);
        let key = 34.0 + 13.0 * place;
        let _ = writeln!(
            svg,
            "<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n\
             <text x=\"{right}\" y=\"{key}\" text-anchor=\"end\" fill=\"{colour}\">{name}</text>"
        );
    }
}
