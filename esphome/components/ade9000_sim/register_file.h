#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace esphome::ade9000_sim {

/// Addresses of the registers that the model knows, by the names of the data sheet.
namespace address {

// Per phase, with a stride of 0x20.
inline constexpr uint16_t IGAIN = 0x000, IGAIN0 = 0x001, PHCAL0 = 0x006, VGAIN = 0x00B, IRMSOS = 0x00C, VRMSOS = 0x00D,
                          PGAIN = 0x00E, WATTOS = 0x00F, VAROS = 0x010, FWATTOS = 0x011, FVAROS = 0x012,
                          IFRMSOS = 0x013, VFRMSOS = 0x014, VRMSONEOS = 0x015, IRMSONEOS = 0x016, VRMS1012OS = 0x017,
                          IRMS1012OS = 0x018;
inline constexpr uint16_t PHASE_STRIDE = 0x020;
inline constexpr uint16_t CONFIG0 = 0x060, MTTHR_L0 = 0x061, MTTHR_H0 = 0x066, NIRMSOS = 0x06B, ISUMRMSOS = 0x06C,
                          NIGAIN = 0x06D, NPHCAL = 0x06E, NIRMSONEOS = 0x06F, NIRMS1012OS = 0x070, DICOEFF = 0x072,
                          ISUMLVL = 0x073;

inline constexpr uint16_t IPEAK = 0x400, VPEAK = 0x401;

inline constexpr uint16_t STATUS0 = 0x402, STATUS1 = 0x403, EVENT_STATUS = 0x404, MASK0 = 0x405, MASK1 = 0x406,
                          OILVL = 0x409, OIA = 0x40A, USER_PERIOD = 0x40E, VLEVEL = 0x40F, DIP_LVL = 0x410,
                          DIPA = 0x411, SWELL_LVL = 0x414, SWELLA = 0x415, APERIOD = 0x418, COM_PERIOD = 0x41B,
                          ACT_NL_LVL = 0x41C, PHNOLOAD = 0x41F, LAST_DATA_32 = 0x423, ADC_REDIRECT = 0x424,
                          PART_ID = 0x472, TEMP_TRIM = 0x474;

inline constexpr uint16_t RUN = 0x480, CONFIG1 = 0x481, ANGL_VA_VB = 0x482, DIP_CYC = 0x48B, SWELL_CYC = 0x48C,
                          OISTATUS = 0x48F, ACCMODE = 0x492, CONFIG3 = 0x493, ZXTOUT = 0x498, ZXTHRSH = 0x499,
                          ZX_LP_SEL = 0x49A, SEQ_CYC = 0x49C, WFB_CFG = 0x4A0, WFB_PG_IRQEN = 0x4A1,
                          WFB_TRG_CFG = 0x4A2, WFB_TRG_STAT = 0x4A3, CONFIG5 = 0x4A4, CRC_RSLT = 0x4A8, CRC_SPI = 0x4A9,
                          LAST_DATA_16 = 0x4AC, LAST_CMD = 0x4AE, CONFIG2 = 0x4AF, EP_CFG = 0x4B0, PWR_TIME = 0x4B1,
                          EGY_TIME = 0x4B2, CRC_FORCE = 0x4B4, CRC_OPTEN = 0x4B5, TEMP_CFG = 0x4B6, TEMP_RSLT = 0x4B7,
                          PGA_GAIN = 0x4B9, WR_LOCK = 0x4BF, VERSION = 0x4FE;

}  // namespace address

/// The registers of the chip as memory, with their values after a reset.
class RegisterFile {
 public:
  RegisterFile() { this->reset(); }

  void reset();

  /// Registers 0x480–0x4FE have 16 bits, the others 32.
  static bool is_16_bit(uint16_t address) { return address >= 0x480 && address <= 0x4FE; }

  uint32_t get(uint16_t address) const { return address < SIZE ? this->words_[address] : 0; }
  double get_signed(uint16_t address) const { return static_cast<int32_t>(this->get(address)); }
  void set(uint16_t address, uint32_t value);
  void set_bits(uint16_t address, uint32_t bits) { this->set(address, this->get(address) | bits); }

 protected:
  static constexpr size_t SIZE = 0x700;

  std::array<uint32_t, SIZE> words_;
};

}  // namespace esphome::ade9000_sim
