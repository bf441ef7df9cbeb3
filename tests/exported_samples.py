"""A few rows in the layout of each export that ships for people's own accounts, with invented values."""

from __future__ import annotations

QUARTERS = [f"{at // 60:02d}:{at % 60:02d}" for at in range(0, 1440, 15)]
ENEL_HEADER = ";".join(["Giorno", *(f"{a}-{b}" for a, b in zip(QUARTERS, [*QUARTERS[1:], "00:00"], strict=True))])
SDGE_HEAD = "\n".join(['"Name : A B",,,,'] * 10 + [",,,,"])

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
        'Name,A B\nAddress,"1 ST, TOWN"\nAccount Number,1\nService,Service 1\n\n'
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
}
