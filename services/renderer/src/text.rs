//! Plain text of 78 columns: wrapping, tables with aligned figures. Layout is the template's `document.txt.j2`.

use minijinja::Environment;

use crate::{
    document::{Align, Cell, Document, Head, Table},
    format::NBSP,
    templates,
};

/// Columns of a line.
pub const COLUMNS: usize = 78;
const GAP: usize = 2;
const NARROWEST: usize = 12;

/// The document as text.
///
/// # Errors
/// The template's, with its name and line.
pub fn render(env: &Environment, document: &Document) -> Result<String, minijinja::Error> {
    let raw = env
        .get_template(templates::TEXT)?
        .render(minijinja::value::Serde(document))?;
    let mut out = String::with_capacity(raw.len());
    let mut blank = 0;
    for line in raw.lines() {
        let line = line.trim_end();
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank < 3 {
            out.push_str(&line.replace(NBSP, " "));
            out.push('\n');
        }
    }
    Ok(out)
}

/// Wraps at blanks; the first line is indented by `indent`, the others by `hang`.
pub fn wrap(text: &str, indent: usize, hang: usize) -> String {
    let first = COLUMNS.saturating_sub(indent).max(NARROWEST);
    let others = COLUMNS.saturating_sub(hang).max(NARROWEST);
    let lines = fold(text, first, others);
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        out.push_str(&" ".repeat(if i == 0 { indent } else { hang }));
        out.push_str(line);
    }
    out
}

/// One text at the left edge, one at the right; on two lines where they do not fit on one.
pub fn sides(left: &str, right: &str) -> String {
    let used = left.chars().count() + right.chars().count();
    if used + GAP <= COLUMNS {
        return format!("{left}{}{right}", " ".repeat(COLUMNS - used));
    }
    format!("{}\n{right:>COLUMNS$}", wrap(left, 0, 2))
}

fn fold(text: &str, first: usize, others: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let mut word = word;
        loop {
            let room = if lines.len() == 1 { first } else { others };
            let length = word.chars().count();
            let needs = if used == 0 { length } else { used + 1 + length };
            let Some(line) = lines.last_mut() else { break };
            if needs <= room {
                if used > 0 {
                    line.push(' ');
                }
                line.push_str(word);
                used = needs;
                break;
            }
            if used == 0 {
                // A word longer than the line, such as an ARN, is cut where the line ends.
                let cut = word.char_indices().nth(room).map_or(word.len(), |(i, _)| i);
                let (head, tail) = word.split_at(cut);
                line.push_str(head);
                word = tail;
            }
            lines.push(String::new());
            used = 0;
        }
    }
    lines
}

/// A table with a header and rules; where it is too wide, one labelled line per cell.
pub fn table(table: &Table) -> String {
    let shown: Vec<usize> = table
        .heads
        .iter()
        .enumerate()
        .filter(|(_, h)| h.mail)
        .map(|(i, _)| i)
        .collect();
    match widths(table, &shown) {
        Some(widths) => columns(table, &shown, &widths),
        None => records(table, &shown),
    }
}

fn count(text: &str) -> usize {
    text.chars().count()
}

fn says(cell: &Cell) -> usize {
    count(&cell.text).max(cell.sub.as_deref().map_or(0, count))
}

/// Figures take what they need; words share the rest.
fn widths(table: &Table, shown: &[usize]) -> Option<Vec<usize>> {
    let room = COLUMNS - GAP * shown.len().saturating_sub(1);
    let cells = |i: usize| table.rows.iter().filter_map(move |r| r.cells.get(i));
    let word = |h: &Head| h.with_unit().split(' ').map(count).max().unwrap_or(0);
    let mut widths = Vec::new();
    let mut words = Vec::new();
    for (slot, &i) in shown.iter().enumerate() {
        let head = table.heads.get(i)?;
        let natural = cells(i).map(says).max().unwrap_or(0).max(word(head));
        widths.push(natural);
        if head.align == Align::Left && natural > NARROWEST {
            words.push((slot, natural));
        }
    }
    let total: usize = widths.iter().sum();
    if total <= room {
        // A short header may stay on one line where there is room for it.
        let mut spare = room - total;
        for (slot, &i) in shown.iter().enumerate() {
            let want = table.heads.get(i).map_or(0, |h| count(&h.with_unit()));
            if let Some(width) = widths.get_mut(slot).filter(|w| **w < want && want - **w <= spare) {
                spare -= want - *width;
                *width = want;
            }
        }
        return Some(widths);
    }
    let fixed: usize = total - words.iter().map(|(_, n)| n).sum::<usize>();
    let mut left = room
        .checked_sub(fixed)
        .filter(|left| *left >= NARROWEST * words.len())?;
    // Fair shares: who needs less than an even share gets what it needs, the others split the rest.
    words.sort_by_key(|(_, natural)| *natural);
    for k in 0..words.len() {
        let (slot, natural) = *words.get(k)?;
        let share = natural.min(left / (words.len() - k)).max(NARROWEST);
        *widths.get_mut(slot)? = share;
        left = left.saturating_sub(share);
    }
    Some(widths)
}

fn columns(table: &Table, shown: &[usize], widths: &[usize]) -> String {
    let mut out = String::new();
    let total = widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
    let heads: Vec<(Vec<String>, Align)> = shown
        .iter()
        .zip(widths)
        .filter_map(|(&i, &w)| table.heads.get(i).map(|h| (fold(&h.with_unit(), w, w), h.align)))
        .collect();
    lines(&mut out, &heads, widths, true);
    out.push_str(&"-".repeat(total));
    out.push('\n');
    for row in &table.rows {
        if row.total {
            out.push_str(&"-".repeat(total));
            out.push('\n');
        }
        let cells: Vec<(Vec<String>, Align)> = shown
            .iter()
            .zip(widths)
            .filter_map(|(&i, &w)| {
                let cell = row.cells.get(i)?;
                let mut lines = fold(&cell.text, w, w);
                lines.extend(cell.sub.iter().flat_map(|s| fold(s, w, w)));
                Some((lines, table.heads.get(i)?.align))
            })
            .collect();
        lines(&mut out, &cells, widths, false);
    }
    out.trim_end().to_owned()
}

fn lines(out: &mut String, cells: &[(Vec<String>, Align)], widths: &[usize], bottom: bool) {
    let height = cells.iter().map(|(lines, _)| lines.len()).max().unwrap_or(0);
    for k in 0..height {
        let mut line = String::new();
        for (i, ((lines, align), &width)) in cells.iter().zip(widths).enumerate() {
            if i > 0 {
                line.push_str(&" ".repeat(GAP));
            }
            let skip = if bottom { height - lines.len() } else { 0 };
            let text = k
                .checked_sub(skip)
                .and_then(|k| lines.get(k))
                .map_or("", String::as_str);
            match align {
                Align::Left => line.push_str(&format!("{text:<width$}")),
                Align::Right => line.push_str(&format!("{text:>width$}")),
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn records(table: &Table, shown: &[usize]) -> String {
    let mut out = String::new();
    for row in &table.rows {
        for (k, &i) in shown.iter().enumerate() {
            let (Some(head), Some(cell)) = (table.heads.get(i), row.cells.get(i)) else {
                continue;
            };
            let text = match (k, &cell.sub) {
                (_, Some(sub)) => format!("{} ({sub})", cell.text),
                (_, None) => cell.text.clone(),
            };
            if text.is_empty() {
                continue;
            }
            let line = if k == 0 {
                wrap(&text, 0, 2)
            } else {
                wrap(&format!("{}: {text}", head.with_unit()), 4, 6)
            };
            out.push_str(&line);
            out.push('\n');
        }
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_before_column_79_whatever_they_hold() {
        let text = format!("{} {} end", "word ".repeat(40), "x".repeat(200));
        assert!(wrap(&text, 4, 6).lines().all(|l| l.chars().count() <= COLUMNS));
    }

    #[test]
    fn a_figure_and_its_unit_stay_on_one_line() {
        let text = format!("{} 15.3{NBSP}%", "x".repeat(75));
        assert_eq!(
            wrap(&text, 0, 0).lines().last(),
            Some(format!("15.3{NBSP}%").as_str())
        );
    }
}
