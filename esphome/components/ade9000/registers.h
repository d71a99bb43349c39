#pragma once

#include <cstddef>
#include <cstdint>

/// The registers of the ADE9000 that the driver uses, by the names of the data sheet (Rev. B). A, B and C are the
/// chip's phases, and the driver connects them to L1, L2 and L3.
namespace esphome::ade9000::reg {

/// Registers 0x480–0x4FE hold 16 bits, all others 32.
constexpr bool is_16_bit(uint16_t address) { return address >= 0x480 && address <= 0x4FE; }

/// The command that reads a register: its address above a bit that says read, and three that are 0.
constexpr uint32_t command_of_read(uint16_t address) { return (uint32_t{address} << 4U) | 0x8U; }

// Signal path. Registers of phases B and C follow at a stride.
inline constexpr uint16_t AIGAIN = 0x000;
inline constexpr uint16_t AIGAIN0 = 0x001;  ///< Of the first region of the current; four more follow.
inline constexpr uint16_t APHCAL0 = 0x006;  ///< Without regions the only one; four more follow.
inline constexpr uint16_t AVGAIN = 0x00B;
inline constexpr uint16_t AIRMSOS = 0x00C;
inline constexpr uint16_t AVRMSOS = 0x00D;
inline constexpr uint16_t AWATTOS = 0x00F;
inline constexpr uint16_t AVAROS = 0x010;
inline constexpr uint16_t AFWATTOS = 0x011;
inline constexpr uint16_t AFVAROS = 0x012;
inline constexpr uint16_t AVRMSONEOS = 0x015;
inline constexpr uint16_t AIRMSONEOS = 0x016;
inline constexpr uint16_t AVRMS1012OS = 0x017;
inline constexpr uint16_t AIRMS1012OS = 0x018;
inline constexpr uint16_t SIGNAL_PATH_STRIDE = 0x020;
inline constexpr uint16_t CONFIG0 = 0x060;
inline constexpr uint32_t CONFIG0_ISUM_ADDS_NEUTRAL = 0b01;  ///< 00 and 11 leave the neutral out of ISUMRMS.
inline constexpr uint32_t CONFIG0_ISUM_SUBTRACTS_NEUTRAL = 0b10;
inline constexpr uint32_t CONFIG0_MTEN = 1U << 4;
inline constexpr uint32_t CONFIG0_INTEN = 1U << 5;     ///< Of the three phases together.
inline constexpr uint32_t CONFIG0_ININTEN = 1U << 11;  ///< Of the neutral.
inline constexpr uint16_t MTTHR_L0 = 0x061;            ///< Lower ends of the regions of the current; four more follow.
inline constexpr uint16_t MTTHR_H0 = 0x066;            ///< Upper ends of the regions of the current; four more follow.
inline constexpr uint16_t NIRMSOS = 0x06B;
inline constexpr uint16_t NIGAIN = 0x06D;
inline constexpr uint16_t NPHCAL = 0x06E;
inline constexpr uint16_t NIRMSONEOS = 0x06F;
inline constexpr uint16_t NIRMS1012OS = 0x070;
inline constexpr uint16_t DICOEFF = 0x072;
inline constexpr uint32_t DICOEFF_INTEGRATOR = 0xFFFFE000;
inline constexpr uint16_t ISUMLVL = 0x073;

// Results, filtered; powers without the threshold of no load. Registers of phases B and C follow at a stride.
inline constexpr uint16_t AIFRMS = 0x20E;
inline constexpr uint16_t AVFRMS = 0x20F;
inline constexpr uint16_t AWATT = 0x210;
inline constexpr uint16_t AVAR = 0x211;
inline constexpr uint16_t AIRMSONE = 0x219;  ///< Of one cycle, refreshed every half cycle.
inline constexpr uint16_t AVRMSONE = 0x21A;  ///< Of one cycle, refreshed every half cycle.
inline constexpr uint16_t RESULT_STRIDE = 0x020;
inline constexpr uint16_t ISUMRMS = 0x269;

// Energy: for each kind a pair of registers, the low one first.
inline constexpr uint16_t AWATTHR_LO = 0x2E6;
inline constexpr uint16_t ENERGY_KIND_STRIDE = 0x00A;
inline constexpr uint16_t ENERGY_PHASE_STRIDE = 0x03C;
inline constexpr unsigned ENERGY_LO_BITS = 13;  ///< In bits 31:19 of the low register.
inline constexpr unsigned ENERGY_LO_SHIFT = 19;

inline constexpr uint16_t IPEAK = 0x400;  ///< Cleared by reading.
inline constexpr uint16_t VPEAK = 0x401;  ///< Cleared by reading.
inline constexpr uint32_t PEAK_VALUE_BITS = 0x00FFFFFF;
inline constexpr uint16_t STATUS0 = 0x402;
inline constexpr uint32_t STATUS0_EGYRDY = 1U << 0;
inline constexpr uint32_t STATUS0_WFB_TRIG_IRQ = 1U << 16;
inline constexpr uint32_t STATUS0_RMSONERDY = 1U << 19;
inline constexpr uint32_t STATUS0_WFB_TRIG = 1U << 22;
inline constexpr uint32_t STATUS0_COH_WFB_FULL = 1U << 23;
inline constexpr uint32_t STATUS0_MISMTCH = 1U << 24;
inline constexpr uint32_t STATUS0_TEMP_RDY = 1U << 25;
inline constexpr uint16_t STATUS1 = 0x403;
inline constexpr unsigned STATUS1_ZXTOVA_BIT = 6;  ///< Time-out of the zero crossing; B and C follow.
inline constexpr unsigned STATUS1_ZXVA_BIT = 9;    ///< Zero crossing; B and C follow.
inline constexpr uint32_t STATUS1_RSTDONE = 1U << 16;
inline constexpr uint32_t STATUS1_OI = 1U << 17;
inline constexpr uint32_t STATUS1_SEQERR = 1U << 18;
inline constexpr unsigned STATUS1_SWELLA_BIT = 20;  ///< B and C follow.
inline constexpr unsigned STATUS1_DIPA_BIT = 23;    ///< B and C follow.
inline constexpr uint32_t STATUS1_CRC_DONE = 1U << 27;
inline constexpr uint32_t STATUS1_ERROR0 = 1U << 28;
inline constexpr uint32_t STATUS1_ERROR1 = 1U << 29;
inline constexpr uint32_t STATUS1_ERROR3 = 1U << 31;
inline constexpr uint16_t MASK1 = 0x406;
inline constexpr uint16_t OILVL = 0x409;
inline constexpr uint16_t OIA = 0x40A;  ///< B and C follow.
inline constexpr unsigned LEVEL_SHIFT =
    5;  ///< Of OILVL, DIP_LVL, SWELL_LVL and what is kept beside them: 1/32 of an RMS.
inline constexpr uint16_t USER_PERIOD = 0x40E;
inline constexpr uint16_t VLEVEL = 0x40F;
inline constexpr uint16_t DIP_LVL = 0x410;
inline constexpr uint16_t DIPA = 0x411;  ///< B and C follow.
inline constexpr uint16_t SWELL_LVL = 0x414;
inline constexpr uint16_t SWELLA = 0x415;  ///< B and C follow.
inline constexpr uint16_t APERIOD = 0x418;
inline constexpr uint16_t ACT_NL_LVL = 0x41C;
inline constexpr uint16_t REACT_NL_LVL = 0x41D;
inline constexpr uint16_t APP_NL_LVL = 0x41E;
inline constexpr uint16_t PHNOLOAD = 0x41F;
inline constexpr unsigned PHNOLOAD_PHASE_BITS = 6;
inline constexpr unsigned PHNOLOAD_VA_BIT = 2;
inline constexpr uint16_t ADC_REDIRECT = 0x424;
inline constexpr unsigned ADC_REDIRECT_BITS = 3;  ///< Of each path, in the order of `Input`.
inline constexpr uint16_t PART_ID = 0x472;
inline constexpr uint32_t PART_ID_ADE9000 = 1U << 20;
inline constexpr uint16_t TEMP_TRIM = 0x474;

inline constexpr uint16_t RUN = 0x480;
inline constexpr uint16_t CONFIG1 = 0x481;
inline constexpr uint32_t CONFIG1_SWRST = 1U << 0;
inline constexpr uint32_t CONFIG1_CF_ACC_CLR = 1U << 5;
inline constexpr uint32_t CONFIG1_DIP_SWELL_IRQ_MODE = 1U << 10;
inline constexpr uint16_t ANGL_VA_VB = 0x482;  ///< VB to VC and VA to VC follow.
inline constexpr uint16_t ANGL_VA_IA = 0x485;  ///< B and C follow.
inline constexpr uint16_t DIP_CYC = 0x48B;
inline constexpr uint16_t SWELL_CYC = 0x48C;
inline constexpr uint16_t ACCMODE = 0x492;
inline constexpr unsigned ACCMODE_VCONSEL_SHIFT = 4;
inline constexpr uint32_t ACCMODE_ICONSEL = 1U << 7;
inline constexpr uint32_t ACCMODE_SELFREQ_60HZ = 1U << 8;
inline constexpr uint16_t CONFIG3 = 0x493;
inline constexpr unsigned CONFIG3_PEAKSEL_SHIFT = 2;      ///< A, B, C upwards.
inline constexpr uint32_t CONFIG3_OC_EN = 0b1111U << 12;  ///< Phases and neutral.
inline constexpr uint16_t ZXTOUT = 0x498;
inline constexpr uint16_t ZXTHRSH = 0x499;
inline constexpr uint16_t ZX_LP_SEL = 0x49A;
inline constexpr uint32_t ZX_LP_SEL_PHASE_A = 0x00;
inline constexpr uint32_t ZX_LP_SEL_COMBINED = 0x1E;
inline constexpr uint16_t SEQ_CYC = 0x49C;
inline constexpr uint16_t CRC_RSLT = 0x4A8;
inline constexpr uint16_t WFB_CFG = 0x4A0;
inline constexpr uint32_t WFB_CFG_SINGLE_WORDS = 0xF;  ///< BURST_CHAN: each read is one word, with its CRC.
inline constexpr uint32_t WFB_CFG_WF_CAP_EN = 1U << 4;
inline constexpr uint32_t WFB_CFG_FIXED_RATE = 1U << 5;
inline constexpr uint32_t WFB_CFG_CENTRE_ON_TRIGGER = 2U << 6;
inline constexpr uint32_t WFB_CFG_PCF_8_KSPS = 3U << 8;
inline constexpr uint32_t WFB_CFG_WF_IN_EN = 1U << 12;
inline constexpr uint16_t WFB_TRG_CFG = 0x4A2;
inline constexpr uint32_t WFB_TRG_CFG_DIP = 1U << 0;
inline constexpr uint32_t WFB_TRG_CFG_SWELL = 1U << 1;
inline constexpr uint32_t WFB_TRG_CFG_OI = 1U << 2;
inline constexpr uint16_t WFB_TRG_STAT = 0x4A3;
inline constexpr uint32_t WFB_TRG_STAT_ADDRESS = 0x07FF;  ///< Of the newest sample at the trigger, in words.
inline constexpr uint16_t LAST_CMD = 0x4AE;               ///< The last command, unless it read this register.
inline constexpr uint16_t CONFIG2 = 0x4AF;
inline constexpr uint32_t CONFIG2_HPF_1_25HZ = 6U << 9;
inline constexpr uint32_t CONFIG2_HPF_4_98HZ = 4U << 9;
inline constexpr uint16_t EP_CFG = 0x4B0;
inline constexpr uint32_t EP_CFG_EGY_PWR_EN = 1U << 0;
inline constexpr uint32_t EP_CFG_EGY_LD_ACCUM = 1U << 4;
inline constexpr uint16_t EGY_TIME = 0x4B2;
inline constexpr uint16_t CRC_FORCE = 0x4B4;
inline constexpr uint32_t CRC_FORCE_UPDATE = 1U << 0;
inline constexpr uint16_t TEMP_CFG = 0x4B6;
inline constexpr uint32_t TEMP_CFG_TEMP_EN = 1U << 2;
inline constexpr uint32_t TEMP_CFG_TEMP_START = 1U << 3;
inline constexpr uint32_t TEMP_CFG_START = TEMP_CFG_TEMP_EN | TEMP_CFG_TEMP_START;
inline constexpr uint16_t TEMP_RSLT = 0x4B7;
inline constexpr uint16_t PGA_GAIN = 0x4B9;
inline constexpr uint16_t WR_LOCK = 0x4BF;
inline constexpr uint16_t VERSION = 0x4FE;
inline constexpr uint32_t VERSION_MASK = 0xFFC0;
inline constexpr uint32_t VERSION_ADE9000 = 0x00C0;

// Copies of the results that one burst can read, A, B and C side by side.
inline constexpr uint16_t AVTHD_1 = 0x61D;      ///< Of the voltages; those of the currents follow.
inline constexpr uint16_t AIRMS1012_1 = 0x636;  ///< Of the currents; those of the voltages and of the neutral follow.

inline constexpr uint16_t WFB = 0x800;  ///< The first of 2048 words of waveforms.

constexpr uint16_t of_phase(uint16_t phase_a, size_t line, uint16_t stride) {
  return static_cast<uint16_t>(phase_a + line * stride);
}

}  // namespace esphome::ade9000::reg
