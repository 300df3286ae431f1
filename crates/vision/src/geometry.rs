//! Plane geometry in pixel coordinates: convex hulls, the smallest rectangle around points, and
//! rectangles at any angle.

/// A point; x grows to the right, y downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl Point {
    pub(crate) const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    fn minus(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }

    /// The point so many units away along a unit vector.
    pub(crate) fn moved(self, direction: Self, distance: f32) -> Self {
        Self::new(
            self.x + direction.x * distance,
            self.y + direction.y * distance,
        )
    }

    pub(crate) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    fn cross(self, other: Self) -> f32 {
        self.x * other.y - self.y * other.x
    }
}

/// A rectangle at any angle. `length` runs along `axis`, `thickness` across it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Band {
    pub(crate) center: Point,
    /// Unit vector along the length.
    pub(crate) axis: Point,
    pub(crate) length: f32,
    pub(crate) thickness: f32,
}

impl Band {
    /// Unit vector across, a quarter turn clockwise from the axis on the screen: downwards when
    /// the axis points right.
    pub(crate) fn across(&self) -> Point {
        Point::new(-self.axis.y, self.axis.x)
    }

    /// Length over thickness.
    pub(crate) fn aspect(&self) -> f32 {
        self.length / self.thickness.max(1e-3)
    }

    /// The same rectangle, read from the other end.
    pub(crate) fn reversed(self) -> Self {
        Self {
            axis: Point::new(-self.axis.x, -self.axis.y),
            ..self
        }
    }

    /// Whether the length runs more up and down than left and right.
    pub(crate) fn is_upright(&self) -> bool {
        self.axis.y.abs() > self.axis.x.abs()
    }

    /// The four corners, clockwise from the start of the axis.
    pub(crate) fn corners(&self) -> [Point; 4] {
        let (along, across) = (self.length / 2.0, self.thickness / 2.0);
        [
            (-along, -across),
            (along, -across),
            (along, across),
            (-along, across),
        ]
        .map(|(a, b)| self.center.moved(self.axis, a).moved(self.across(), b))
    }

    /// The smallest rectangle with this axis that holds both, thickness included.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        let across = self.across();
        let corners = self.corners().into_iter().chain(other.corners());
        let mut along_range = Range::EMPTY;
        let mut across_range = Range::EMPTY;
        for corner in corners {
            along_range.include(corner.dot(self.axis));
            across_range.include(corner.dot(across));
        }
        Self::from_ranges(self.axis, along_range, across_range)
    }

    fn from_ranges(axis: Point, along: Range, across: Range) -> Self {
        let across_axis = Point::new(-axis.y, axis.x);
        let center = Point::new(0.0, 0.0)
            .moved(axis, along.middle())
            .moved(across_axis, across.middle());
        Self {
            center,
            axis,
            length: along.width(),
            thickness: across.width(),
        }
    }
}

#[derive(Clone, Copy)]
struct Range {
    low: f32,
    high: f32,
}

impl Range {
    const EMPTY: Self = Self {
        low: f32::INFINITY,
        high: f32::NEG_INFINITY,
    };

    fn include(&mut self, value: f32) {
        self.low = self.low.min(value);
        self.high = self.high.max(value);
    }

    fn middle(self) -> f32 {
        f32::midpoint(self.low, self.high)
    }

    fn width(self) -> f32 {
        self.high - self.low
    }
}

/// The corners of the convex hull, in order; fewer than three for degenerate input.
pub(crate) fn convex_hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in points {
            while let [.., before, last] = chain.as_slice()
                && last.minus(*before).cross(point.minus(*last)) <= 0.0
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter().copied());
    hull.extend(half(&mut points.iter().rev().copied()));
    hull
}

/// The rectangle of least area around the points, its axis along the longer side and pointing
/// right, or down when upright. `None` without at least two distinct points.
pub(crate) fn smallest_band(points: Vec<Point>) -> Option<Band> {
    let hull = convex_hull(points);
    let edges = hull.iter().zip(hull.iter().cycle().skip(1));
    let mut best: Option<Band> = None;
    for (from, to) in edges {
        let edge = to.minus(*from);
        let norm = edge.dot(edge).sqrt();
        if norm <= f32::EPSILON {
            continue;
        }
        let axis = Point::new(edge.x / norm, edge.y / norm);
        let across = Point::new(-axis.y, axis.x);
        let mut along_range = Range::EMPTY;
        let mut across_range = Range::EMPTY;
        for point in &hull {
            along_range.include(point.dot(axis));
            across_range.include(point.dot(across));
        }
        let band = Band::from_ranges(axis, along_range, across_range);
        let area = band.length * band.thickness;
        if best.is_none_or(|best| area < best.length * best.thickness) {
            best = Some(band);
        }
    }
    best.map(normalised)
}

/// Makes the axis follow the longer side and point right, or down when upright.
fn normalised(band: Band) -> Band {
    let band = if band.length < band.thickness {
        Band {
            axis: band.across(),
            length: band.thickness,
            thickness: band.length,
            center: band.center,
        }
    } else {
        band
    };
    let leading = if band.is_upright() {
        band.axis.y
    } else {
        band.axis.x
    };
    if leading < 0.0 { band.reversed() } else { band }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_band_of_a_tilted_rectangle() {
        let band = Band {
            center: Point::new(50.0, 40.0),
            axis: Point::new(0.8, 0.6),
            length: 40.0,
            thickness: 6.0,
        };
        let mut points = band.corners().to_vec();
        points.push(Point::new(50.0, 40.0));
        let found = smallest_band(points).unwrap();
        assert!((found.length - 40.0).abs() < 1e-3 && (found.thickness - 6.0).abs() < 1e-3);
        assert!((found.axis.x - 0.8).abs() < 1e-3 && (found.axis.y - 0.6).abs() < 1e-3);
        assert!((found.center.x - 50.0).abs() < 1e-3);
        assert!(!found.is_upright());
    }

    #[test]
    fn bands_side_by_side_are_joined() {
        let left = Band {
            center: Point::new(10.0, 10.0),
            axis: Point::new(1.0, 0.0),
            length: 10.0,
            thickness: 4.0,
        };
        let right = Band {
            center: Point::new(30.0, 11.0),
            ..left
        };
        let joined = left.joined(&right);
        assert!((joined.length - 30.0).abs() < 1e-4 && (joined.thickness - 5.0).abs() < 1e-4);
        assert!((joined.center.x - 20.0).abs() < 1e-4);
    }

    #[test]
    fn degenerate_points_have_no_band() {
        assert!(smallest_band(Vec::new()).is_none());
        assert!(smallest_band(vec![Point::new(1.0, 1.0); 5]).is_none());
    }
}
