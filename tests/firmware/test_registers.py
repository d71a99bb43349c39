"""The driver's map of registers, held against the data sheet."""

from collections.abc import Mapping
import csv
import shutil
import subprocess

import pytest

from bench.cpp import ROOT, Build

TABLE = ROOT.parent / "shared" / "reference" / "ade9000_registers.csv"

FIRST_OF_BLOCK = {"WFB": "WFB[0..2047]"}
"""Names of blocks, with those of the complete table."""

DATA_SHEET = {
    "AIGAIN": 0x000,
    "AIGAIN0": 0x001,
    "APHCAL0": 0x006,
    "AVGAIN": 0x00B,
    "AIRMSOS": 0x00C,
    "AVRMSOS": 0x00D,
    "AWATTOS": 0x00F,
    "AVAROS": 0x010,
    "AFWATTOS": 0x011,
    "AFVAROS": 0x012,
    "AVRMSONEOS": 0x015,
    "AIRMSONEOS": 0x016,
    "AVRMS1012OS": 0x017,
    "AIRMS1012OS": 0x018,
    "CONFIG0": 0x060,
    "MTTHR_L0": 0x061,
    "MTTHR_H0": 0x066,
    "NIRMSOS": 0x06B,
    "NIGAIN": 0x06D,
    "NPHCAL": 0x06E,
    "NIRMSONEOS": 0x06F,
    "NIRMS1012OS": 0x070,
    "DICOEFF": 0x072,
    "AIFRMS": 0x20E,
    "AVFRMS": 0x20F,
    "AWATT": 0x210,
    "AVAR": 0x211,
    "ISUMLVL": 0x073,
    "AIRMSONE": 0x219,
    "AVRMSONE": 0x21A,
    "ISUMRMS": 0x269,
    "AWATTHR_LO": 0x2E6,
    "IPEAK": 0x400,
    "VPEAK": 0x401,
    "STATUS0": 0x402,
    "STATUS1": 0x403,
    "MASK1": 0x406,
    "OILVL": 0x409,
    "OIA": 0x40A,
    "USER_PERIOD": 0x40E,
    "VLEVEL": 0x40F,
    "DIP_LVL": 0x410,
    "DIPA": 0x411,
    "SWELL_LVL": 0x414,
    "SWELLA": 0x415,
    "APERIOD": 0x418,
    "ACT_NL_LVL": 0x41C,
    "REACT_NL_LVL": 0x41D,
    "APP_NL_LVL": 0x41E,
    "PHNOLOAD": 0x41F,
    "ADC_REDIRECT": 0x424,
    "PART_ID": 0x472,
    "TEMP_TRIM": 0x474,
    "RUN": 0x480,
    "CONFIG1": 0x481,
    "ANGL_VA_VB": 0x482,
    "ANGL_VA_IA": 0x485,
    "DIP_CYC": 0x48B,
    "SWELL_CYC": 0x48C,
    "ACCMODE": 0x492,
    "CONFIG3": 0x493,
    "ZXTOUT": 0x498,
    "ZXTHRSH": 0x499,
    "ZX_LP_SEL": 0x49A,
    "SEQ_CYC": 0x49C,
    "WFB_CFG": 0x4A0,
    "WFB_TRG_CFG": 0x4A2,
    "WFB_TRG_STAT": 0x4A3,
    "CRC_RSLT": 0x4A8,
    "LAST_CMD": 0x4AE,
    "CONFIG2": 0x4AF,
    "EP_CFG": 0x4B0,
    "EGY_TIME": 0x4B2,
    "CRC_FORCE": 0x4B4,
    "TEMP_CFG": 0x4B6,
    "TEMP_RSLT": 0x4B7,
    "PGA_GAIN": 0x4B9,
    "WR_LOCK": 0x4BF,
    "VERSION": 0x4FE,
    "AVTHD_1": 0x61D,
    "AIRMS1012_1": 0x636,
    "WFB": 0x800,
}

BITS = {
    "CONFIG0_MTEN": 4,
    "CONFIG0_INTEN": 5,
    "CONFIG0_ININTEN": 11,
    "STATUS0_EGYRDY": 0,
    "STATUS0_RMSONERDY": 19,
    "STATUS0_MISMTCH": 24,
    "STATUS0_WFB_TRIG_IRQ": 16,
    "STATUS0_WFB_TRIG": 22,
    "STATUS0_COH_WFB_FULL": 23,
    "STATUS0_TEMP_RDY": 25,
    "STATUS1_RSTDONE": 16,
    "STATUS1_OI": 17,
    "STATUS1_SEQERR": 18,
    "STATUS1_ERROR0": 28,
    "STATUS1_ERROR1": 29,
    "STATUS1_ERROR3": 31,
    "PART_ID_ADE9000": 20,
    "CONFIG1_SWRST": 0,
    "CONFIG1_DIP_SWELL_IRQ_MODE": 10,
    "CONFIG1_CF_ACC_CLR": 5,
    "ACCMODE_ICONSEL": 7,
    "ACCMODE_SELFREQ_60HZ": 8,
    "WFB_CFG_WF_CAP_EN": 4,
    "WFB_CFG_FIXED_RATE": 5,
    "WFB_CFG_WF_IN_EN": 12,
    "WFB_TRG_CFG_DIP": 0,
    "WFB_TRG_CFG_SWELL": 1,
    "WFB_TRG_CFG_OI": 2,
    "EP_CFG_EGY_PWR_EN": 0,
    "EP_CFG_EGY_LD_ACCUM": 4,
    "TEMP_CFG_TEMP_EN": 2,
    "TEMP_CFG_TEMP_START": 3,
}


STRIDES = {
    "SIGNAL_PATH_STRIDE": 0x020,
    "RESULT_STRIDE": 0x22E - 0x20E,
    "ENERGY_PHASE_STRIDE": 0x322 - 0x2E6,
    "ENERGY_KIND_STRIDE": 0x2F0 - 0x2E6,
}
"""From a register of phase A to that of phase B, and from one kind of energy to the next."""

PROGRAM = """
#include "ade9000/registers.h"

#include <cstdio>

using namespace esphome::ade9000::reg;

struct Constant {{
  const char *name;
  unsigned long value;
}};

constexpr Constant CONSTANTS[] = {{
{constants}}};

int main() {{
  for (const Constant &constant : CONSTANTS)
    std::printf("%s %lu\\n", constant.name, constant.value);
  for (uint16_t address = 0; address <= 0xFFF; address++)
    std::printf("%u %d\\n", address, is_16_bit(address));
}}
"""

type Driver = Mapping[str, int]
"""What the driver has, by name, and for each address whether it has 16 bits."""


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Driver:
    """The constants of the driver by the names of this page, as a program that includes its header tells them."""
    if shutil.which("g++") is None:
        pytest.skip("there is no g++ to compile the header with")
    source = tmp_path_factory.mktemp("registers") / "registers.cpp"
    constants = "".join(f'  {{"{name}", {name}}},\n' for name in (*DATA_SHEET, *BITS, *STRIDES))
    source.write_text(PROGRAM.format(constants=constants), encoding="utf-8")
    build = Build(folder=ROOT / ".cache" / "registers", flags=("-std=gnu++20", "-Wall", "-Wextra", "-Werror"))
    run = subprocess.run((build.program("registers", [source]),), check=True, capture_output=True, text=True)
    return {name: int(value) for name, value in map(str.split, run.stdout.splitlines())}


def _is_16_bit(driver: Driver, address: int) -> bool:
    return bool(driver[str(address)])


@pytest.mark.parametrize("name", DATA_SHEET)
def test_address_is_that_of_the_data_sheet(driver: Driver, name: str) -> None:
    assert driver[name] == DATA_SHEET[name]


@pytest.mark.parametrize("name", BITS)
def test_bit_is_that_of_the_data_sheet(driver: Driver, name: str) -> None:
    assert driver[name] == 1 << BITS[name]


@pytest.mark.parametrize("name", STRIDES)
def test_stride_is_that_of_the_data_sheet(driver: Driver, name: str) -> None:
    assert driver[name] == STRIDES[name]


def test_registers_from_480_to_4fe_have_16_bits(driver: Driver) -> None:
    assert [address for address in range(0x1000) if _is_16_bit(driver, address)] == list(range(0x480, 0x4FF))


@pytest.mark.skipif(not TABLE.exists(), reason="the complete table of registers is not part of the product")
@pytest.mark.parametrize("name", DATA_SHEET)
def test_register_is_in_the_complete_table(driver: Driver, name: str) -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}

    row = rows[FIRST_OF_BLOCK.get(name, name)]
    assert int(row["address_hex"].partition("-")[0], 16) == driver[name]
    assert (int(row["width_bits"]) == 16) == _is_16_bit(driver, driver[name])
