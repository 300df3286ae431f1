//! Where a picture ends inside its file, and whether the file is something else as well.
//! Walks the container's structure only: JPEG markers, PNG chunks, the RIFF length.

use super::MediaType;

/// Signatures of files that a browser, a viewer or an unpacker would act on. Those of programs are
/// only two bytes long and looked for at the start of the trailing data alone.
const ACTIVE_CONTENT: &[&[u8]] = &[
    b"%pdf-",
    b"<html",
    b"<script",
    b"<!doctype",
    b"<?php",
    b"<svg",
    b"pk\x03\x04",
    b"rar!\x1a",
    b"7z\xbc\xaf\x27",
];
const PROGRAMS: &[&[u8]] = &[b"MZ", b"\x7fELF", b"#!", b"PK", b"\x1f\x8b"];

/// Readers of PDF accept its header anywhere in the first kilobyte.
const PDF_HEADER_WITHIN: usize = 1024;

/// The index just behind the picture, or `None` when the file stops before the picture does.
pub(super) fn end_of_image(media_type: MediaType, bytes: &[u8]) -> Option<usize> {
    match media_type {
        MediaType::Jpeg => end_of_jpeg(bytes),
        MediaType::Png => end_of_png(bytes),
        MediaType::WebP => end_of_webp(bytes),
    }
}

/// Whether a second kind of file is hidden behind the picture, or a PDF in its first kilobyte.
pub(super) fn is_polyglot(bytes: &[u8], trailing: &[u8]) -> bool {
    let head = bytes
        .get(..bytes.len().min(PDF_HEADER_WITHIN))
        .unwrap_or_default();
    contains(head, b"%pdf-")
        || PROGRAMS
            .iter()
            .any(|signature| trailing.starts_with(signature))
        || ACTIVE_CONTENT
            .iter()
            .any(|signature| contains(trailing, signature))
}

/// Case-insensitive search for a signature written in lower case.
fn contains(haystack: &[u8], signature: &[u8]) -> bool {
    haystack
        .windows(signature.len())
        .any(|window| window.eq_ignore_ascii_case(signature))
}

fn end_of_jpeg(bytes: &[u8]) -> Option<usize> {
    const RESTART_0: u8 = 0xD0;
    const END_OF_IMAGE: u8 = 0xD9;
    const START_OF_SCAN: u8 = 0xDA;
    let mut at = 2;
    loop {
        // Any number of fill bytes 0xFF may stand before a marker.
        while bytes.get(at) == Some(&0xFF) && bytes.get(at + 1) == Some(&0xFF) {
            at += 1;
        }
        if *bytes.get(at)? != 0xFF {
            // Stray bytes between segments: decoders skip them, and so does this walk.
            at += 1;
            continue;
        }
        let marker = *bytes.get(at + 1)?;
        at += 2;
        match marker {
            END_OF_IMAGE => return Some(at),
            0x00 | 0x01 | RESTART_0..=0xD8 => continue,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
        at += length.max(2);
        if marker == START_OF_SCAN {
            // In entropy-coded data 0xFF is followed by zero or a restart marker.
            while *bytes.get(at)? != 0xFF
                || matches!(bytes.get(at + 1)?, 0x00 | RESTART_0..=0xD7 | 0xFF)
            {
                at += 1;
            }
        }
    }
}

fn end_of_png(bytes: &[u8]) -> Option<usize> {
    let mut at = 8;
    loop {
        let length: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        let kind = bytes.get(at + 4..at + 8)?;
        let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
        // Length, kind and checksum are four bytes each.
        at = at.checked_add(length)?.checked_add(12)?;
        if at > bytes.len() {
            return None;
        }
        if kind == b"IEND" {
            return Some(at);
        }
    }
}

fn end_of_webp(bytes: &[u8]) -> Option<usize> {
    let length: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
    let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
    // Chunks are padded to even lengths.
    let end = length.checked_add(8)?;
    (end <= bytes.len()).then_some(end.checked_add(length % 2)?.min(bytes.len()))
}
