//! Orders a table's rows by key, in bounded memory: a scan comes in the order of a hash that DynamoDB does not promise
//! to keep, and the same table must give the same bytes. A table that fits one chunk is sorted where it is; a larger
//! one goes to temporary files, one sorted run each, which are merged chunk by chunk.

use std::{
    cmp::Ordering,
    collections::BinaryHeap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
};

use super::chunk::{Chunk, ColumnId};

/// Length that stands for null in a run.
const NULL: u32 = u32::MAX;

/// Takes chunks in any order, gives them back in the order of their keys.
#[derive(Debug)]
pub struct Sorter {
    keys: usize,
    runs: Vec<File>,
}

impl Sorter {
    /// Orders by the first `keys` cells of each row.
    pub fn by_leading_cells(keys: usize) -> Self {
        Self {
            keys,
            runs: Vec::new(),
        }
    }

    /// Takes a full chunk; leaves an empty one.
    ///
    /// # Errors
    /// When the temporary folder cannot take it.
    pub fn spill(&mut self, chunk: &mut Chunk) -> io::Result<()> {
        let mut chunk = std::mem::take(chunk);
        chunk.sort_by_leading_cells(self.keys);
        let mut file = BufWriter::new(tempfile::tempfile()?);
        for row in 0..chunk.len() {
            write_row(&mut file, &chunk, row)?;
        }
        let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        self.runs.push(file);
        Ok(())
    }

    /// Takes the last chunk, and gives all rows back in order.
    ///
    /// # Errors
    /// As [`Sorter::spill`].
    pub fn finish(mut self, mut last: Chunk) -> io::Result<Sorted> {
        if self.runs.is_empty() {
            last.sort_by_leading_cells(self.keys);
            return Ok(Sorted::InMemory(Some(last)));
        }
        if !last.is_empty() {
            self.spill(&mut last)?;
        }
        let mut heads = BinaryHeap::new();
        for run in self.runs {
            let mut run = BufReader::new(run);
            heads.extend(read_row(&mut run)?.map(|row| Head {
                row,
                keys: self.keys,
                run,
            }));
        }
        Ok(Sorted::Merging(heads))
    }
}

/// Rows in order, to be taken chunk by chunk.
#[derive(Debug)]
pub enum Sorted {
    /// All of them fit one chunk.
    InMemory(Option<Chunk>),
    /// The first row of every run that has any left.
    Merging(BinaryHeap<Head>),
}

impl Sorted {
    /// The next chunk, never an empty one; `None` at the end.
    ///
    /// # Errors
    /// When a run cannot be read back.
    pub fn next_chunk(&mut self) -> io::Result<Option<Chunk>> {
        let heads = match self {
            Self::InMemory(chunk) => return Ok(chunk.take().filter(|chunk| !chunk.is_empty())),
            Self::Merging(heads) => heads,
        };
        let mut chunk = Chunk::default();
        while !chunk.is_full() {
            let Some(mut head) = heads.pop() else { break };
            chunk.begin_row();
            for (column, text) in &head.row {
                chunk.text_cell(*column, text.as_deref());
            }
            if let Some(row) = read_row(&mut head.run)? {
                heads.push(Head { row, ..head });
            }
        }
        Ok(Some(chunk).filter(|chunk| !chunk.is_empty()))
    }
}

type OwnedRow = Vec<(ColumnId, Option<String>)>;

/// The next row of a run. Ordered so that the heap, which gives the greatest, gives the smallest key.
#[derive(Debug)]
pub struct Head {
    row: OwnedRow,
    keys: usize,
    run: BufReader<File>,
}

impl Head {
    fn key(&self) -> impl Iterator<Item = Option<&str>> {
        self.row.iter().take(self.keys).map(|(_, text)| text.as_deref())
    }
}
impl Ord for Head {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key().cmp(self.key())
    }
}
impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Head {}

fn write_row(out: &mut impl Write, chunk: &Chunk, row: usize) -> io::Result<()> {
    let cells = chunk.row(row);
    out.write_all(&length(cells.len())?.to_le_bytes())?;
    for (column, text) in cells {
        out.write_all(&column.to_bytes())?;
        match text {
            None => out.write_all(&NULL.to_le_bytes())?,
            Some(text) => {
                out.write_all(&length(text.len())?.to_le_bytes())?;
                out.write_all(text.as_bytes())?;
            }
        }
    }
    Ok(())
}

fn length(of: usize) -> io::Result<u32> {
    u32::try_from(of).map_err(|_| io::Error::other("a cell of more than 4 GiB"))
}

fn read_row(run: &mut BufReader<File>) -> io::Result<Option<OwnedRow>> {
    let Some(cells) = read_u32(run)? else {
        return Ok(None);
    };
    let mut row = Vec::with_capacity(cells as usize);
    let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
    for _ in 0..cells {
        let column = ColumnId::from_bytes(read_u32(run)?.ok_or_else(cut)?.to_le_bytes());
        let text = match read_u32(run)?.ok_or_else(cut)? {
            NULL => None,
            length => {
                let mut bytes = vec![0; length as usize];
                run.read_exact(&mut bytes)?;
                Some(String::from_utf8(bytes).map_err(io::Error::other)?)
            }
        };
        row.push((column, text));
    }
    Ok(Some(row))
}

fn read_u32(run: &mut BufReader<File>) -> io::Result<Option<u32>> {
    let mut bytes = [0; 4];
    match run.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(u32::from_le_bytes(bytes))),
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::chunk::Columns, *};

    /// The values of the second column, in the order that the sorter gives, when `chunks` chunks were spilled.
    fn sorted(keys: &[&str], spill_every: usize) -> Vec<Option<String>> {
        let (mut columns, mut chunk, mut sorter) =
            (Columns::default(), Chunk::default(), Sorter::by_leading_cells(1));
        for (n, key) in keys.iter().enumerate() {
            chunk.begin_row();
            chunk.text_cell(columns.id("key"), Some(key));
            let value = format!("of {key}");
            chunk.text_cell(columns.id("value"), (*key != "null").then_some(value.as_str()));
            if (n + 1) % spill_every == 0 {
                sorter.spill(&mut chunk).unwrap();
            }
        }
        let mut sorted = sorter.finish(chunk).unwrap();
        let mut values = Vec::new();
        while let Some(chunk) = sorted.next_chunk().unwrap() {
            for row in 0..chunk.len() {
                values.push(chunk.row(row).nth(1).unwrap().1.map(str::to_owned));
            }
        }
        values
    }

    #[test]
    fn a_table_that_spills_comes_out_as_one_that_does_not() {
        let keys = ["m", "b", "null", "z", "a", "", "k", "é"];
        let expected = sorted(&keys, usize::MAX);
        assert_eq!(expected.len(), keys.len());
        assert!(expected.contains(&None), "null stays null");
        for spill_every in 1..=keys.len() {
            assert_eq!(
                sorted(&keys, spill_every),
                expected,
                "spilled every {spill_every} rows"
            );
        }
    }

    #[test]
    fn no_rows_give_no_chunk() {
        assert!(sorted(&[], 1).is_empty());
    }
}
