"""A few rows in the layout of each shipped source, with invented values: the file's name and its text."""

from __future__ import annotations

import io

import pandas as pd

HOURS = [f"{hour:02d}" for hour in range(24)]
# The kWh of a day's hours: more by day than by night.
KWH = dict(zip(HOURS, [3, 3, 2, 2, 3, 4, 7, 9, 8, 8, 7, 8, 9, 8, 7, 7, 8, 9, 9, 8, 7, 6, 5, 4], strict=True))


def _cambridge() -> str:
    rows = [
        f"b{n}_{f[0]},b{n},{f},2021-03-28T{h}:00:00Z,1{n}.{KWH[h]}"
        for n in (0, 2)
        for f in ("electricity", "gas")
        for h in HOURS
    ]
    return "meter_id,building_id,fuel,ts_utc,kwh\n" + "\n".join(rows) + "\n"


def _cambridge_parquet() -> bytes:
    hours = pd.date_range("2010-07-01", periods=24, freq="h")
    frame = pd.concat(
        pd.DataFrame(
            {"meter_id": f"b{n}_e", "building_id": f"b{n}", "fuel": "electricity", "ts_utc": hours, "kwh": 17.3 + n}
        )
        for n in (0, 1)
    )
    buffer = io.BytesIO()
    frame.astype({"ts_utc": "datetime64[ns]", "kwh": "float32"}).to_parquet(buffer)
    return buffer.getvalue()


def _lines(header: str, rows: list[str]) -> str:
    return header + "\n" + "\n".join(rows) + "\n"


def _quarters(day: str, values: str) -> list[str]:
    return [f'"{day} {h}:{m}:00";{values}' for h in HOURS for m in ("00", "15", "30", "45")]


GREEN_BUTTON = """<feed xmlns="http://www.w3.org/2005/Atom"><entry>
<link rel="self" href="/espi/RetailCustomer/9/UsagePoint/7/MeterReading/1/IntervalBlock/1"/>
<content><IntervalBlock><IntervalReading>
<timePeriod><duration>3600</duration><start>1699167600</start></timePeriod><value>450</value>
</IntervalReading></IntervalBlock></content></entry>
<entry><link rel="self" href="/espi/ReadingType/5"/><content>
<ReadingType><commodity>1</commodity><uom>72</uom></ReadingType></content></entry></feed>"""
POSTED = '{"meter_id":"s1","interval_start_utc":"2024-05-30T%s:00:00Z","interval_minutes":60,"energy_kwh":%s.5,'
POSTED += '"fuel":"electricity","flow":"import","quality":"measured"}\n'
REGISTRY = "meter_id,fuel,flow,zone,country,subdivision,building_id,site_id,weather_location_id,floor_area_m2,latitude,"
REGISTRY += "longitude,capacity_kw,use,tariff_id,carbon_region,supply_contract_id,agreed_capacity_kw,area_id,payment"
# In the autumn of 2017 the hour that ends at 02:00 comes twice in New York.
PJM = ["2017-11-04 23:00:00,12500.0", "2017-11-05 00:00:00,12100.0", "2017-11-05 01:00:00,11800.0"]
PJM += ["2017-11-05 02:00:00,11500.0", "2017-11-05 02:00:00,11400.0", "2017-11-05 03:00:00,11300.0"]
PJM += ["2017-11-05 04:00:00,11600.0"]

CONVERSION, DAY, CONTRACT = "Conversion factors", "2024-01-01", "Contract,2024"
ANSWERS = {
    "uk_emission_factors": (
        "factors.csv",
        _lines(
            "fuel,region,scope,basis,valid_from,valid_to,factor_kgco2e_per_kwh,calorific_basis,publication,edition",
            [f"electricity,GB,scope_2,location,{DAY},2025-01-01,0.2,,{CONVERSION},2024"],
        ),
    ),
    "cambridge_tariffs": (
        "tariffs.csv",
        _lines(
            "tariff_id,fuel,charge,rate,price_series_id,valid_from,valid_to,currency,vat_share,publication,edition",
            [
                f"t,gas,unit_rate,0.07,,{DAY},,GBP,0,{CONTRACT}",
                f"t,electricity,price_series,,x,{DAY},,GBP,0,{CONTRACT}",
            ],
        ),
    ),
    "simulator_emission_factors": (
        "emission_factors.csv",
        _lines(
            "fuel,region,scope,basis,supply_contract_id,valid_from,valid_to,factor_kgco2e_per_kwh,calorific_basis,"
            "publication,edition",
            [
                f"electricity,GB,scope_2,market,green,{DAY},,0,,{CONTRACT}",
                f"gas,GB,scope_1,location,,{DAY},,0.2,gross,a,b",
            ],
        ),
    ),
    "simulator_tariffs": (
        "tariffs.csv",
        _lines(
            "tariff_id,fuel,flow,charge,rate,price_series_id,days,from_hour,to_hour,valid_from,valid_to,currency,"
            "vat_share,publication,edition",
            [f"t,gas,import,unit_rate,0.07,,all,,,{DAY},,GBP,0.05,{CONTRACT}"],
        ),
    ),
    "simulator_projects": (
        "projects.csv",
        _lines(
            "project_id,meter_id,measure,baseline_end,reporting_start,expected_saving_kwh_per_year,capital_cost,currency",
            ["p,m,LED,2024-03-01,2024-03-08,900,1200,GBP"],
        ),
    ),
    "simulator_assets": (
        "assets.csv",
        _lines(
            "asset_id,site_id,kind,meter_id,from_hour,to_hour,valid_from,power_kw,lowest_power_kw,energy_kwh,"
            "minimum_run_hours,discharge_kw,round_trip_efficiency,lowest_charge_share,highest_charge_share,"
            "wear_cost_per_kwh,currency",
            [
                f"car,s,flexible_load,,18,7,{DAY},7,1,20,2,,,,,,",
                f"b,s,battery,,,,{DAY},50,,100,,50,0.9,0.1,0.9,0.03,GBP",
            ],
        ),
    ),
    "simulator_events": (
        "events-1.csv",
        _lines(
            "event_id,kind,meter_id,building_id,site_id,area_id,start_utc,end_utc,description",
            ["e,outage,m,,,,2024-01-01T08:00:00Z,2024-01-01T10:00:00Z,Cable"],
        ),
    ),
    "simulator_areas": (
        "areas.csv",
        _lines(
            "area_id,parent_area_id,name,households,floor_area_m2,income_per_year,currency,deprivation_rank,climate_zone",
            ["w,t,Ward,900,80000,21000,GBP,0.2,GB", "t,,Town,,,,,,"],
        ),
    ),
}

SAMPLES: dict[str, tuple[str, str | bytes]] = {
    "cambridge": ("readings.csv", _cambridge()),
    "cambridge_bench": ("readings-2010.parquet", _cambridge_parquet()),
    "cambridge_carbon": (
        "carbon_intensity.csv",
        _lines("datetime,Carbon Intensity [kg_CO2/kWh]", [f"2021-01-01 {h}:00:00,0.17{h[1]}" for h in HOURS]),
    ),
    "cambridge_prices": (
        "price.csv",
        _lines("datetime,Electricity Pricing [£/kWh]", [f"2021-01-01 {h}:00:00,0.14{h[1]}" for h in HOURS]),
    ),
    "cambridge_weather": (
        "weather.csv",
        _lines(
            "datetime,air_temperature [degC],rltv_hum [%],glbl_irad_amt [W/m2]",
            [f"2021-01-01 {h}:00:00,-3.{h[1]},94.1,0.0" for h in HOURS],
        ),
    ),
    "green_button": ("usage.xml", GREEN_BUTTON),
    "low_carbon_london": (
        "CC_LCL.csv",
        _lines(
            "LCLid,stdorToU,DateTime,KWH/hh (per half hour) ,Acorn,Acorn_grouped",
            [
                *[
                    f"MAC000002,Std,2012-10-12 {h}:{m}:00.0000000, 0.1{KWH[h]} ,ACORN-A,Affluent"
                    for h in HOURS
                    for m in ("00", "30")
                ][1:],
                "MAC000002,Std,2012-10-13 00:00:00.0000000, 0.2 ,ACORN-A,Affluent",
                "MAC000002,Std,2012-12-18 15:13:41.0000000,Null,ACORN-A,Affluent",
            ],
        ),
    ),
    "nem12": ("d.csv", f"100,NEM12,1,A,B\n200,6123456789,E1,,E1,N1,1,kWh,30,\n300,20240407,{'0.5,' * 48}A,,,,\n900\n"),
    "pjm_hourly": ("AEP_hourly.csv", _lines("Datetime,AEP_MW", PJM)),
    "posted_readings": ("0f3a.jsonl", "".join(POSTED % (hour, KWH[hour]) for hour in HOURS)),
    "simulator": (
        "readings-2024-01-01.csv",
        _lines(
            "meter_id,building_id,fuel,flow,interval_start,interval_minutes,energy_kwh,quality,received_at",
            [
                f"s{n},b{n},{fuel},import,2024-01-01T{h}:00:00Z,60,1.{KWH[h]},{q},2024-01-02T00:00:00Z"
                for n, fuel, q in ((1, "gas", "measured"), (2, "electricity", "estimated"))
                for h in HOURS
            ],
        ),
    ),
    "simulator_meters": (
        "meters.csv",
        _lines(
            REGISTRY,
            [
                "s1,gas,import,Europe/London,GB,,b1,,,,,,,dwelling,home,GB,,,w,prepay",
                "s2,gas,,Europe/London,GB,,b2,,,,,,,shop,shop,GB,,,w,",
            ],
        ),
    ),
    "simulator_virtual_meters": (
        "virtual_meters.csv",
        _lines("virtual_meter_id,meter_id,sign", ["s2_use,s2,1", "s2_use,s2_export,-1", "s2_use,s2_generation,1"]),
    ),
    "simulator_buildings": (
        "buildings.csv",
        _lines(
            "building_id,site_id,floor_area_m2,roof_area_m2,floors,use,latitude,longitude",
            ["b1,a,80,40,2,dwelling,52,0"] * 2,
        ),
    ),
    **ANSWERS,
    "simulator_carbon": (
        "carbon-2024-01.csv",
        _lines(
            "region,interval_start,method,intensity_gco2_per_kwh,published_at",
            [
                f"south,2024-01-01T{h}:00:00Z,{m},2{h},2023-12-31T12:00:00Z"
                for h in HOURS
                for m in ("average", "marginal")
            ],
        ),
    ),
    "simulator_prices": (
        "prices-2024-01.csv",
        _lines(
            "tariff_id,fuel,interval_start,price_per_kwh,currency,published_at",
            [f"day,electricity,2024-01-01T{h}:00:00Z,0.1{h},GBP,2023-12-31T12:00:00Z" for h in HOURS],
        ),
    ),
    "simulator_weather": (
        "weather-2024-01.csv",
        _lines(
            "location_id,interval_start,temperature_c,humidity_pct,irradiance_w_m2,wind_speed_m_s,received_at",
            [f"x,2024-01-01T{h}:00:00Z,4.{h},80,0,3,2024-01-02T00:00:00Z" for h in HOURS],
        ),
    ),
    "simulator_weather_forecast": (
        "forecast-2024-01.csv",
        _lines(
            "issued_at,location_id,interval_start,temperature_c,humidity_pct,irradiance_w_m2,wind_speed_m_s",
            [f"2024-01-01T00:00:00Z,x,2024-01-01T{h}:00:00Z,4.{h},80,0,3" for h in HOURS],
        ),
    ),
    "uci_electricity_load_diagrams": (
        "LD2011_2014.txt",
        _lines('"";"MT_001";"MT_002";"MT_362"', _quarters("2013-03-30", "2,538071;8;115500,5")[1:]),
    ),
    "uci_household_power": (
        "household_power_consumption.txt",
        _lines(
            "Date;Time;Global_active_power;Global_reactive_power;Voltage;Global_intensity;"
            "Sub_metering_1;Sub_metering_2;Sub_metering_3",
            [f"16/12/2006;17:{m}:00;4.216;0.418;234.840;18.400;0.000;1.000;17.000" for m in range(24, 60)]
            + ["28/4/2007;00:21:00;?;?;?;?;?;?;"],
        ),
    ),
}
