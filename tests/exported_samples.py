"""A few rows in the layout of each export that ships for people's own accounts, with invented values."""

from __future__ import annotations

QUARTERS = [f"{at // 60:02d}:{at % 60:02d}" for at in range(0, 1440, 15)]
ENEL_HEADER = ";".join(["Giorno", *(f"{a}-{b}" for a, b in zip(QUARTERS, [*QUARTERS[1:], "00:00"], strict=True))])
SDGE_HEAD = "\n".join(['"Name : A B",,,,'] * 10 + [",,,,"])

LIANDER = (
    "eancodeasn,meternummer,meterreadingdate,reading1,usage1,reading2,usage2,reading3,usage3,reading4,usage4    \n"
    "871600000000000012,E0045000000000017,05-06-2024,15626.5,,17771.5,,10,,20,\n"
    "871600000000000012,E0045000000000017,06-06-2024,15630.5,4,17779.5,8,10,0,23,3\n"
    "871600000000000012,E0045000000000017,07-06-2024,15632.5,2,17787.5,8,11,1,23,0\n"
    "871600000000000029,G0061000000000017,05-06-2024,3000,,,,,,,\n"
    "871600000000000029,G0061000000000017,06-06-2024,3036,36,,,,,,\n"
)

EXPORTS: dict[str, tuple[str, str]] = {
    "fluvius": (
        "verbruik.csv",
        "\ufeffVan (datum);Van (tijdstip);EAN-code;Register;Volume;Eenheid;Validatiestatus;Omschrijving\n"
        '02-06-2024;12:00:00;="541440000000000012";Afname Dag;0,250;kWh;Uitgelezen;\n'
        '02-06-2024;12:00:00;="541440000000000012";Injectie Dag;0,700;kWh;Geschat;\n'
        '02-06-2024;22:15:00;="541440000000000012";Afname Nacht;0,125;kWh;Uitgelezen;\n',
    ),
    "homewizard_p1": (
        "P1e-home.csv",
        "time,Import T1 kWh,Import T2 kWh,Export T1 kWh,Export T2 kWh,L1 max W\n"
        "2024-03-05 08:00,1000.000,2000.000,5.000,6.000,400\n2024-03-05 08:15,1000.100,2000.000,5.000,6.250,400\n",
    ),
    "e_distribuzione": ("IT001E1.csv", f"{ENEL_HEADER}\n01/09/2024;{';'.join(['0,1'] * 95)};0,2\n"),
    "datadis": (
        "consumo.csv",
        "CUPS;Fecha;Hora;Consumo_kWh;Metodo_obtencion\n"
        "ES0031000000000001AA;2024/05/01;01:00;0,123;Real\nES0031000000000001AA;2024/05/01;24:00;0,5;Estimada\n",
    ),
    "eloverblik": (
        "Meterdata.csv",
        "MålepunktsID;Fra_dato;Til_dato;Mængde;Måleenhed;Kvalitet;Type\n"
        "571313100000000001;01-05-2024 00:00:00;01-05-2024 01:00:00;0,25;KWH;Målt;Tidsserie\n"
        "571313100000000001;01-05-2024 01:00:00;01-05-2024 02:00:00;0,5;KWH;Estimeret;Tidsserie\n",
    ),
    "octopus": (
        "1200000000001.csv",
        "Consumption (kwh), Estimated Cost Inc. Tax (p), Start, End\n"
        "0.5, 1.0, 2024-10-27T01:00:00Z, 2024-10-27T01:30:00Z\n"
        "0.2, 1.0, 2024-10-27T01:00:00+01:00, 2024-10-27T01:30:00+01:00\n",
    ),
    "sdge": (
        "Electric_60_Minute.csv",
        f'{SDGE_HEAD}\n"Meter Number","Date","Start Time","Duration","Consumed"\n'
        '"0000042","09/04/2024",12:00:00 AM,"Hour","0.34"\n"0000042","09/04/2024",01:00:00 PM,"Hour","-1.5"\n',
    ),
    "pge": (
        "pge_electric_usage_interval_data_Service 1_1_2024-01-01_to_2024-01-02.csv",
        'Name,A B\nAddress,"1 ST, TOWN"\nAccount Number,5550000017\nService,Service 1\n\n'
        "TYPE,DATE,START TIME,END TIME,USAGE (kWh),COST,NOTES\n"
        "Electric usage,2024-01-01,00:00,00:59,0.50,$0.15,\nElectric usage,2024-01-01,01:00,01:59,0.25,$0.08,\n",
    ),
    "smart_meter_texas": (
        "IntervalData.csv",
        "ESIID,USAGE_DATE,REVISION_DATE,USAGE_START_TIME,USAGE_END_TIME,USAGE_KWH,ESTIMATED_ACTUAL,"
        "CONSUMPTION_SURPLUSGENERATION\n"
        "'10443720000000001,01/02/2024,01/03/2024 05:00:00, 00:00, 00:15,0.127,A,Consumption\n"
        "'10443720000000001,01/02/2024,01/03/2024 05:00:00, 12:00, 12:15,0.5,E,Surplus Generation\n",
    ),
    "aemo_demand": (
        "PRICE_AND_DEMAND_202401_NSW1.csv",
        "REGION,SETTLEMENTDATE,TOTALDEMAND,RRP,PERIODTYPE\nNSW1,2024/01/01 00:05:00,7200,80.5,TRADE\n"
        "NSW1,2024/01/01 00:10:00,7320,79.1,TRADE\n",
    ),
    "enedis": (
        "mes-puissances.csv",
        "\ufeffIdentifiant PRM;Type de donnees;Date de debut;Date de fin;Grandeur physique;Grandeur metier;"
        "Etape metier;Unite\n19100000000011;Courbe de charge;27/10/2024;28/10/2024;Energie active;Consommation;"
        "Comptage Brut;W\n"
        "Horodate;Valeur\n2024-10-27T02:30:00+02:00;1200\n2024-10-27T03:00:00+02:00;800\n"
        "2024-10-27T02:30:00+01:00;600\n2024-10-27T03:00:00+01:00;500\n2024-10-27T03:30:00+01:00;400\n",
    ),
    "n3rgy": (
        "1200000000002_20240101-20240301.csv",
        "timestamp (UTC),energyConsumption (kWh)\n2024-01-01 00:30,0.064\n2024-01-01 01:00,0.088\n",
    ),
    "liander": ("csv_bijlage.csv", LIANDER),
    "liander_gas": ("csv_bijlage.csv", LIANDER),
    "elhub": (
        "meteringvalues-mp-707057500000000017-consumption-20241028T1016.csv",
        '"Fra","Til","KWH 60 Forbruk","Kvalitet"\n"27.10.2024 01:00","27.10.2024 02:00","1,25","Målt"\n'
        '"27.10.2024 02:00","27.10.2024 02:00","1,5","Målt"\n"27.10.2024 02:00","27.10.2024 03:00","1,75","Beregnet"\n'
        '"27.10.2024 03:00","27.10.2024 04:00","2,0","Målt"\n',
    ),
    "fingrid": (
        "consumption.csv",
        "\ufeffMeteringPointGSRN;Product Type;Resolution;Unit Type;Reading Type;Start Time;Quantity;Quality\n"
        "643000000000000017;8716867000030;PT1H;kWh;BN01;2023-12-31T21:00:00Z;0,735000;OK\n"
        "643000000000000017;8716867000030;PT15M;kWh;BN01;2023-12-31T22:00:00Z;0,144000;OK\n"
        "643000000000000017;8716867000030;PT15M;kWh;BN01;2023-12-31T22:15:00Z;0,245000;ESTIMATED\n",
    ),
    "home_assistant": (
        "energy.csv",
        "entity_id,type,unit,2024-05-01T10:00:00.000Z,2024-05-01T11:00:00.000Z\n"
        "sensor.p1_import,grid_consumption,kWh,0.5,0.25\nsensor.p1_import_cost,grid_consumption_cost,EUR,0.1,0.05\n"
        "sensor.p1_export,grid_return,kWh,0,1.5\nsensor.pv,solar_production,Wh,900,2000\n"
        ",calculated_consumed_solar,kWh,0.9,0.5\n",
    ),
    "home_assistant_statistics": (
        "statistics.csv",
        "statistic_id,unit_of_measurement,start_ts,sum\nsensor.heat_pump,kWh,1714557600.0,1000.5\n"
        "sensor.heat_pump,kWh,1714561200.0,1000.75\nsensor.heat_pump,kWh,1714564800.0,1001.0\n",
    ),
    "ieso_demand": (
        "PUB_Demand_2024.csv",
        "\\\\Hourly Demand Report,,,\n\\\\Created at 2024-07-02 07:30:09,,,\n\\\\For 2024,,,\n"
        "Date,Hour,Market Demand,Ontario Demand\n2024-07-01,23,17247,14500\n2024-07-01,24,16900,14000\n"
        "2024-07-02,1,16100,13500\n",
    ),
    "eia930_demand": (
        "EIA930_BALANCE_2024_Jan_Jun.csv",
        "Balancing Authority,Data Date,Hour Number,Local Time at End of Hour,UTC Time at End of Hour,"
        "Demand Forecast (MW),Demand (MW),Net Generation (MW),Demand (MW) (Imputed),Demand (MW) (Adjusted),Region\n"
        'PJM,01/01/2024,1,01/01/2024 1:00:00 AM,01/01/2024 6:00:00 AM,"88,000","87,500","90,100",,"87,500",MIDA\n'
        'PJM,01/01/2024,2,01/01/2024 2:00:00 AM,01/01/2024 7:00:00 AM,"86,000","85,000","88,000",,"85,000",MIDA\n',
    ),
    "entsoe_load": (
        "GUI_TOTAL_LOAD_DAYAHEAD_202312312300-202412312300.csv",
        '"MTU (CET/CEST)","Area","Actual Total Load (MW)","Day-ahead Total Load Forecast (MW)"\n'
        '"27/10/2024 02:30:00 (CEST) - 27/10/2024 02:45:00 (CEST)","BZN|DE-LU","44000","43800"\n'
        '"27/10/2024 02:45:00 (CEST) - 27/10/2024 02:00:00 (CET)","BZN|DE-LU","43600","43700"\n'
        '"27/10/2024 02:00:00 (CET) - 27/10/2024 02:15:00 (CET)","BZN|DE-LU","43200","43500"\n'
        '"27/10/2024 03:00:00 - 27/10/2024 03:15:00","BZN|DE-LU","42800","43000"\n',
    ),
    "entsoe_load_archive": (
        "Total Load - Day Ahead _ Actual_202401010000-202501010000.csv",
        '"Time (CET/CEST)","Day-ahead Total Load Forecast [MW] - BZN|FR","Actual Total Load [MW] - BZN|FR"\n'
        '"27.10.2024 01:00 - 27.10.2024 02:00","40100","40000"\n'
        '"27.10.2024 02:00 - 27.10.2024 03:00","39000","39500"\n'
        '"27.10.2024 02:00 - 27.10.2024 03:00","38800","39000"\n'
        '"27.10.2024 03:00 - 27.10.2024 04:00","38500","38600"\n',
    ),
    "entsoe_prices": (
        "GUI_ENERGY_PRICES_202509302200-202510312300.csv",
        '"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (EUR/MWh)","Intraday Period (CET/CEST)",'
        '"Intraday Price (EUR/MWh)"\n'
        '"30/09/2025 23:00:00 - 01/10/2025 00:00:00","BZN|DE-LU","Sequence Sequence 1","101.50","",""\n'
        '"01/10/2025 00:00:00 - 01/10/2025 00:15:00","BZN|DE-LU","Sequence Sequence 1","95.00","",""\n'
        '"01/10/2025 00:15:00 - 01/10/2025 00:30:00","BZN|DE-LU","Sequence Sequence 1","-5.00","",""\n',
    ),
    "entsoe_prices_archive": (
        "Day-ahead Prices_202401010000-202501010000.csv",
        '"MTU (CET/CEST)","Day-ahead Price [EUR/MWh]","Currency","BZN|DE-LU"\n'
        '"31.03.2024 01:00 - 31.03.2024 02:00","50.00","EUR",""\n'
        '"31.03.2024 03:00 - 31.03.2024 04:00","47.50","EUR",""\n',
    ),
}
