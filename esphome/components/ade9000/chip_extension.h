#pragma once

#include "chip_config.h"
#include "reading.h"
#include "register_bus.h"
#include "settings.h"
#include "window.h"

#include <cstdint>

namespace esphome::ade9000 {

/// What a pass of the loop saw of a chip that measures.
struct Look {
  uint64_t now_us;     ///< When the flags were read, on the clock that `Chip::loop` is given.
  uint64_t before_us;  ///< When they were read the time before, so that what they tell happened between the two.
  uint32_t status0;    ///< STATUS0.
  uint32_t status1;    ///< STATUS1.
};

/// A part of the driver that shares the chip with the readings, such as the watch for events or the capture of waves.
///
/// It is called from `Chip::loop`. One call does 2 ms of bus work at most, and clears no flag but its own.
class ChipExtension {
 public:
  /// Add the registers that it needs and that hold still while the chip measures.
  virtual void add_settings(const ChipConfig &config, Settings &settings) = 0;

  /// The chip was set up, for the first time or again, and measures from now on.
  virtual void start(uint64_t now_us) = 0;

  /// The chip does not measure any more: it was reset, or it is lost.
  virtual void stop(uint64_t now_us) = 0;

  /// Whether to look in this pass of the loop, and not only four times a second and about the end of a window.
  virtual bool wants_look(uint64_t /*now_us*/) const { return false; }

  /// Look at the chip while it measures.
  virtual void look(RegisterBus &bus, const Look &look) = 0;

  /// A window was read; `reading` has its values only once the chip has settled.
  virtual void take_window(const Window &window, const WindowState &state, const Reading &reading) = 0;

 protected:
  ~ChipExtension() = default;
};

}  // namespace esphome::ade9000
