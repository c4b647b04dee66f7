// A curve as a picture: SVG that stands in the page itself.
#pragma once

#include <string>
#include <string_view>

#include "reports/curve.hpp"
#include "theory/device_spec.hpp"

namespace peakproof::reports {

/// The curve's lines with their points, the axes with their values, the theoretical peak as a dashed line and the L2's size
/// where the axis holds it; of the bytes in flight also the fit of Little's law. Text in it comes escaped. It takes its
/// colours from the page's style (kPlotStyle).
[[nodiscard]] std::string plot_svg(const Curve& curve, const theory::DeviceSpec& device);
/// CSS of the plots: lines differ by colour, by dash and by the shape of their points, for eyes and printers that see no
/// colour.
extern const std::string_view kPlotStyle;

}  // namespace peakproof::reports
