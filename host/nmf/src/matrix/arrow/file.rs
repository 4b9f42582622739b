//! The messages of an Arrow file, whose claims are checked before the crate believes them.
//!
//! The crate makes room for as many bytes as a compressed buffer claims to hold, and reads a message as often as the footer
//! lists it. Here all messages together are no longer than the file, all buffers of a message no longer than its body, and no
//! buffer claims more than LZ4 can pack. So memory is at most a multiple of the file.

use std::mem;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::{Block, CompressionType, MetadataVersion, root_as_footer, root_as_message};
use arrow_schema::{DataType, SchemaRef};

use crate::error::{Error, Result};
use crate::matrix::typed::{check_rows, unreadable};

/// The first bytes.
const MAGIC: &[u8] = b"ARROW1";

/// The first bytes of a message, in files since version 0.15.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// Bytes that one of LZ4 can stand for.
const LZ4_RATIO: usize = 255;

/// Bytes of a compressed buffer that tell its length.
const PREFIX: usize = 8;

/// A file, whose messages lie within it.
pub(super) struct File<'a> {
    pub name: &'a str,
    pub bytes: Buffer,
    /// Its columns' names and types.
    pub schema: SchemaRef,
    /// Description of pandas' index, if pandas wrote the file.
    pub pandas: Option<String>,
    /// Rows of all batches.
    pub rows: usize,
    version: MetadataVersion,
    dictionaries: Vec<Block>,
    batches: Vec<Block>,
}

impl<'a> File<'a> {
    pub(super) fn open(name: &'a str, bytes: &[u8]) -> Result<Self> {
        let damaged = |problem: &str| unreadable(name, problem);
        if !bytes.starts_with(MAGIC) {
            if bytes.starts_with(&CONTINUATION) {
                let problem = "this is an Arrow stream, not a file";
                return Err(Error::format(name, problem, "save the table with pandas' to_feather"));
            }
            return Err(damaged("it does not begin with ARROW1"));
        }
        let (rest, end) = bytes.split_last_chunk().ok_or_else(|| damaged("it is cut off"))?;
        let length = read_footer_length(*end).map_err(|error| unreadable(name, error))?;
        let start = rest.len().checked_sub(length).ok_or_else(|| damaged("it is cut off"))?;
        let footer = root_as_footer(&rest[start..]).map_err(|error| unreadable(name, error))?;
        let schema = footer.schema().ok_or_else(|| damaged("it has no schema"))?;
        if !schema.endianness().equals_to_target_endianness() {
            let problem = "the bytes of its numbers are in the other order";
            return Err(Error::format(name, problem, "save the table as CSV"));
        }
        let mut schema = try_fb_to_schema(schema).map_err(|error| unreadable(name, error))?;
        // The decoder copies what is left there for each batch.
        let pandas = mem::take(&mut schema.metadata).remove("pandas");
        let mut file = Self {
            name,
            bytes: bytes.into(),
            schema: Arc::new(schema),
            pandas,
            rows: 0,
            version: footer.version(),
            dictionaries: footer.dictionaries().into_iter().flatten().copied().collect(),
            batches: footer.recordBatches().into_iter().flatten().copied().collect(),
        };
        file.rows = file.check()?;
        Ok(file)
    }

    /// The rows of all batches.
    fn check(&self) -> Result<usize> {
        let (mut values, mut rows) = (0_usize, 0_usize);
        let mut left = self.bytes.len();
        let dictionaries = self.dictionaries.iter().map(|it| (it, true));
        for (block, is_dictionary) in dictionaries.chain(self.batches.iter().map(|it| (it, false)))
        {
            let message = self.message(block)?;
            left = left
                .checked_sub(message.len())
                .ok_or_else(|| unreadable(self.name, "its messages overlap"))?;
            let count = if is_dictionary { &mut values } else { &mut rows };
            let more = self.check_message(&message, block.metaDataLength() as usize)?;
            *count = count.saturating_add(more);
        }
        let columns = self.schema.fields().len();
        check_rows(self.name, self.bytes.len(), values, 1)?;
        check_rows(self.name, self.bytes.len(), rows, columns.max(1))?;
        Ok(rows)
    }

    /// The bytes of a message and its body.
    fn message(&self, block: &Block) -> Result<Buffer> {
        let length = block.bodyLength().checked_add(i64::from(block.metaDataLength()));
        let found = length.and_then(|it| range(&self.bytes, block.offset(), it));
        let is_whole = block.metaDataLength() >= 0 && block.bodyLength() >= 0;
        let found = found.filter(|_| is_whole);
        let found = found.ok_or_else(|| unreadable(self.name, "a message lies outside of it"))?;
        Ok(self.bytes.slice_with_length(block.offset() as usize, found.len()))
    }

    /// The rows of a message, whose body begins after so many bytes of `metadata`.
    fn check_message(&self, bytes: &[u8], metadata: usize) -> Result<usize> {
        let damaged = |problem: &str| unreadable(self.name, problem);
        // The length of the metadata stands before it.
        let skipped = if bytes.starts_with(&CONTINUATION) { 8 } else { 4 };
        let header = bytes.get(skipped..).ok_or_else(|| damaged("a message is too short"))?;
        let message = root_as_message(header).map_err(|error| unreadable(self.name, error))?;
        let of_dictionary = || message.header_as_dictionary_batch()?.data();
        let batch = message.header_as_record_batch().or_else(of_dictionary);
        let batch = batch.ok_or_else(|| damaged("a message has no rows"))?;
        let codec = batch.compression().map(|it| it.codec());
        if let Some(codec) = codec.filter(|it| *it != CompressionType::LZ4_FRAME) {
            let codec = codec.variant_name().unwrap_or("something new").to_lowercase();
            let problem = format!("its columns are compressed with {codec}, which is not read");
            let remedy = "save it with the compression lz4 or uncompressed";
            return Err(Error::format(self.name, problem, remedy));
        }
        let body = &bytes[metadata..];
        let mut left = body.len();
        for buffer in batch.buffers().into_iter().flatten() {
            let buffer = range(body, buffer.offset(), buffer.length())
                .ok_or_else(|| damaged("a column lies outside of its message"))?;
            left = left.checked_sub(buffer.len()).ok_or_else(|| damaged("its columns overlap"))?;
            let claimed = buffer.first_chunk::<PREFIX>().filter(|_| codec.is_some());
            let claimed = claimed.map_or(0, |it| i64::from_le_bytes(*it).max(0)) as u64;
            if claimed > buffer.len() as u64 * LZ4_RATIO as u64 {
                return Err(damaged("a column claims more than it can hold"));
            }
        }
        usize::try_from(batch.length()).map_err(|_| damaged("a message has less than no rows"))
    }

    /// Those columns, which ascend, in every batch.
    pub(super) fn batches(
        &self,
        columns: &[usize],
    ) -> Result<impl Iterator<Item = Result<RecordBatch>>> {
        let decoder = FileDecoder::new(self.schema.clone(), self.version);
        let mut decoder = decoder.with_projection(columns.to_vec());
        let has_values =
            |at: &usize| matches!(self.schema.field(*at).data_type(), DataType::Dictionary(..));
        if columns.iter().any(has_values) {
            for block in &self.dictionaries {
                let bytes = self.message(block)?;
                let read = decoder.read_dictionary(block, &bytes);
                read.map_err(|error| unreadable(self.name, error))?;
            }
        }
        Ok(self.batches.iter().map(move |block| {
            let bytes = self.message(block)?;
            let read = decoder.read_record_batch(block, &bytes);
            let read = read.map_err(|error| unreadable(self.name, error))?;
            read.ok_or_else(|| unreadable(self.name, "a message has no rows"))
        }))
    }
}

/// So many of the `bytes`, if all of them are there.
fn range(bytes: &[u8], offset: i64, length: i64) -> Option<&[u8]> {
    let start = usize::try_from(offset).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
}
