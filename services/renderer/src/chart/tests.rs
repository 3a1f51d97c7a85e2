use super::*;

fn chart(form: Form, values: &[f64]) -> Chart {
    Chart {
        form,
        categories: (0..values.len())
            .map(|i| format!("{}\u{00A0}Nov", i + 1))
            .collect(),
        series: vec![Series {
            name: "Closing".into(),
            values: values.iter().copied().map(Some).collect(),
        }],
        band: None,
        target: None,
        axis: Axis {
            prefix: "$".into(),
            suffix: String::new(),
        },
        partial: None,
        points: Vec::new(),
    }
}

#[test]
fn text_of_customers_is_escaped_in_a_drawing() {
    let mut chart = chart(Form::Bar, &[1.0, 2.0]);
    chart.categories = vec!["<script>alert(1)</script>".into(), "a & b".into()];
    let svg = chart.svg(Size::Wide);
    assert!(!svg.contains("<script"), "{svg}");
    assert!(svg.contains("a &amp; b"), "{svg}");
    png("x", &svg, Ground::Paper).unwrap();
}

#[test]
fn every_form_draws_in_every_size_also_without_a_single_value() {
    for form in [
        Form::Line,
        Form::Bar,
        Form::Stacked,
        Form::Waterfall,
        Form::Scatter,
    ] {
        for values in [&[][..], &[0.0], &[-3.0, 5.0], &[1e9, 1e9]] {
            for size in [Size::Wide, Size::Narrow, Size::Page, Size::Half] {
                let svg = chart(form, values).svg(size);
                assert!(
                    !svg.contains("NaN") && !svg.contains("inf"),
                    "{form:?} {values:?}: {svg}"
                );
                png("x", &svg, Ground::Paper).unwrap();
            }
        }
    }
}

#[test]
fn a_value_that_equals_the_sum_so_far_is_a_total_of_the_waterfall() {
    let svg = chart(Form::Waterfall, &[100.0, -40.0, 60.0, -10.0, 50.0]).svg(Size::Wide);
    assert_eq!(svg.matches(BAD).count(), 2, "two steps down: {svg}");
    assert_eq!(
        svg.matches(&format!("fill=\"{}\"", SERIES[0])).count(),
        3,
        "three totals: {svg}"
    );
}

#[test]
fn a_period_that_is_not_over_is_hatched() {
    let mut chart = chart(Form::Bar, &[1.0, 2.0]);
    chart.partial = Some(1);
    assert!(chart.svg(Size::Wide).contains("pattern"));
}

#[test]
fn a_value_of_nothing_is_drawn_as_nothing() {
    for form in [Form::Bar, Form::Stacked, Form::Waterfall] {
        let mut chart = chart(form, &[0.0, 2.0, 0.0]);
        for partial in [None, Some(0)] {
            chart.partial = partial;
            let svg = chart.svg(Size::Wide);
            assert!(
                !svg.contains("height=\"0\" fill") && !svg.contains("width=\"0\""),
                "an empty rectangle, which SVG readers complain of, in {form:?}: {svg}"
            );
        }
    }
}

#[test]
fn long_format_becomes_one_series_per_name() {
    let text = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let picker = Picker::new(
        &text(&["a", "a", "b"]),
        &text(&["x", "y", "y"]),
        &[Some(1.0), Some(2.0), Some(3.0)],
    );
    assert_eq!(picker.categories, ["a", "b"]);
    assert_eq!(picker.series[0].values, [Some(1.0), None]);
    assert_eq!(picker.series[1].values, [Some(2.0), Some(3.0)]);
}
