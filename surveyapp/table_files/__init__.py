"""Files of rows and columns as people have them: CSV, Excel, SPSS, Stata, Parquet."""
