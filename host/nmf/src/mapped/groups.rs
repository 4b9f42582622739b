//! Groups of a file's lines: one is worked on while the next one is read.

use super::file::{Lines, MappedFile};
use crate::error::Result;

/// Lines that are worked on, lines that are being read, and what is made of the former.
#[derive(Debug, Default)]
pub struct Buffers {
    now: Vec<f32>,
    next: Vec<f32>,
    pub rows: Vec<f32>,
}

impl MappedFile {
    /// Calls `work` with every group of `lines`, times `scale`, while the next one is read.
    pub fn each(
        &self,
        lines: Lines<'_>,
        scale: f32,
        buffers: &mut Buffers,
        mut work: impl FnMut(Lines<'_>, &[f32]) + Send,
    ) -> Result<()> {
        let Buffers { now, next, .. } = buffers;
        let mut groups = lines.groups(self.group()).peekable();
        if let Some(first) = groups.peek() {
            self.load(*first, scale, now)?;
        }
        while let Some(group) = groups.next() {
            let following = groups.peek().copied();
            let load = || following.map_or(Ok(()), |lines| self.load(lines, scale, next));
            let ((), loaded) = rayon::join(|| work(group, now), load);
            loaded?;
            std::mem::swap(now, next);
        }
        Ok(())
    }
}
